"""Timing shared by the peers: one duration in nanoseconds a line."""

import time

MESSAGE = "x" * 40


def measure(call, runs):
    for _ in range(max(runs // 10, 1)):
        call()
    clock = time.perf_counter_ns
    durations = []
    for _ in range(runs):
        start = clock()
        call()
        durations.append(clock() - start)
    print("\n".join(map(str, durations)))


def measure_echo(echo, runs):
    assert echo(MESSAGE) == MESSAGE
    measure(lambda: echo(MESSAGE), runs)
