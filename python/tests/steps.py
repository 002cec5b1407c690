"""Runs generators of `pyproxy_runtime.calls.steps`, as the server does natively."""


def run(steps):
    outcome = None
    while True:
        try:
            function, *arguments = steps.send(outcome)
        except StopIteration as end:
            return end.value
        try:
            outcome = (function(*arguments), None)
        except BaseException as error:
            outcome = (None, error)
