"""The frame that calls run below."""

import sys
import warnings

import pytest

from pyproxy_runtime.calls import frame


@pytest.fixture
def main():
    names = frame.names()
    before = dict(names)
    yield names
    names.clear()
    names.update(before)


def test_a_step_is_taken_below_a_frame_of_main(main):
    found = []

    def step(_entry):
        caller = sys._getframe(1)
        found.append((caller.f_code.co_name, caller.f_locals is caller.f_globals is main))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        entry = frame.entry(step)
    assert entry() is None
    assert found == [("<module>", True)]


def test_a_native_function_finds_the_names_of_main(main):
    entry = frame.entry(lambda _entry: exec("number = 41", sys._getframe(1).f_globals))
    entry()
    assert main["number"] == 41


def test_what_has_started_the_server_is_removed(main):
    main["left"] = 1
    frame.empty()
    assert "left" not in main
    assert main["__name__"] == "__main__"


def test_what_a_step_raises_goes_through():
    def step(_entry):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        frame.entry(step)()
