"""What the servers of all peers serve."""

import time


def echo(value):
    return value


def busy(microseconds):
    end = time.perf_counter_ns() + microseconds * 1000
    while time.perf_counter_ns() < end:
        pass


def chatter(lines):
    for i in range(lines):
        print("line", i)
