"""What the servers of all peers serve."""


def echo(value):
    return value
