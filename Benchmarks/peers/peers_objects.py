"""Objects that stay on the server."""


class Thing:
    def echo(self, value):
        return value


def things(count):
    return [Thing() for _ in range(count)]


def number():
    return 1


def take(value):
    return None
