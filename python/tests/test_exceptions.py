"""Exceptions as plain data."""

import pytest

from pyproxy_runtime.calls.exceptions import MAXIMUM_CHAIN, MAXIMUM_FRAMES, describe


def caught(function):
    with pytest.raises(BaseException) as info:  # noqa: PT011 - any exception at all
        function()
    return describe(info.value)


def test_type_message_and_frames():
    def inner():
        raise ValueError("no good")

    description = caught(inner)
    assert description["type"] == "ValueError"
    assert description["module"] == "builtins"
    assert description["message"] == "no good"
    file, line, function, source = description["frames"][-1]
    assert file == __file__
    assert line == inner.__code__.co_firstlineno + 1
    assert function.endswith("inner")
    assert source == 'raise ValueError("no good")'


def test_a_cycle_of_causes_ends():
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert "cause" not in describe(first)["cause"]


def test_a_long_chain_is_cut():
    error = ValueError("0")
    for number in range(100):
        outer = ValueError(str(number))
        outer.__cause__ = error
        error = outer
    depth, description = 1, describe(error)
    while "cause" in description:
        depth, description = depth + 1, description["cause"]
    assert depth == MAXIMUM_CHAIN


def test_a_deep_recursion_is_cut_in_the_middle():
    def recurse(n):
        if n == 0:
            raise ValueError
        recurse(n - 1)

    frames = caught(lambda: recurse(500))["frames"]
    assert len(frames) == MAXIMUM_FRAMES


def test_a_suppressed_context_is_left_out():
    def fail():
        try:
            raise KeyError
        except KeyError:
            raise ValueError from None

    assert {"cause", "context"}.isdisjoint(caught(fail))


def test_an_exception_that_cannot_be_printed():
    class OddError(Exception):
        def __str__(self):
            raise RuntimeError

    assert "RuntimeError" in describe(OddError())["message"]


def test_a_lone_surrogate_in_the_message_is_escaped():
    assert describe(ValueError("\ud800"))["message"] == "\\ud800"


def test_a_close_name_is_suggested():
    import math

    assert caught(lambda: math.sqr)["message"].endswith("Did you mean: 'sqrt'?")
