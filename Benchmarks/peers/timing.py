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
        result = call()
        durations.append(clock() - start)
        # Kept until here: freeing it is not part of the call.
        del result
    print("\n".join(map(str, durations)))


def measure_echo(echo, runs):
    assert echo(MESSAGE) == MESSAGE
    measure(lambda: echo(MESSAGE), runs)


def measure_steps(first, runs):
    """Twenty additions, each of the result of the one before."""

    def steps():
        total = first
        for _ in range(20):
            total = total.add(1)
        return total

    measure(steps, runs)


def measure_numbers(row, double, runs):
    """The row "array:COUNT" or "list:COUNT": sent, doubled by numpy, returned as what it was."""
    from peers_arrays import sample

    kind, _, count = row.partition(":")
    values = sample(int(count))
    if kind == "array":
        assert float(double(values)[-1]) == values[-1] * 2
        measure(lambda: double(values), runs)
    else:
        numbers = values.tolist()

        def double_list():
            doubled = double(numbers)
            return doubled if isinstance(doubled, list) else doubled.tolist()

        assert double_list()[-1] == numbers[-1] * 2
        measure(double_list, runs)
