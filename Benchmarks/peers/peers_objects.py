"""Objects that stay on the server."""


class Thing:
    def echo(self, value):
        return value


class Number:
    def __init__(self, value):
        self.value = value

    def add(self, other):
        return Number(self.value + other)


def things(count):
    return [Thing() for _ in range(count)]


def number():
    return 1


def take(value):
    return None
