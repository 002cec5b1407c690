"""Where an exception from outside would leave a `with` statement half entered."""

import contextlib
import sys
import threading
from functools import partial

import pytest

from pyproxy_runtime.calls.with_statements import (
    MainThreadWaits,
    enters_next,
    is_entered_or_left,
)

SEEN: dict[str, bool] = {}
# Before 3.14 nothing is raised after the call of an __enter__ that is not written in Python.
IS_CALL = sys.version_info >= (3, 14)


def look(name, depth=1):
    """Takes note of the frame that calls C code which calls this."""
    SEEN[name] = is_entered_or_left(sys._getframe(depth))


# Called as C code: no Python frame lies in between.
class CManager:
    __enter__ = staticmethod(partial(look, "enter"))
    __exit__ = staticmethod(lambda *_: None)


class StraightManager:
    def __enter__(self):
        look("straight enter")
        return self

    def __exit__(self, *_):
        look("straight exit")


class LoopingManager:
    def __enter__(self):
        for _ in range(2):
            look("looping enter")
        look("after the loop")
        return self

    def __exit__(self, *_):
        while not look("looping exit"):
            if SEEN["looping exit"] is False:
                break


@contextlib.contextmanager
def generator_manager():
    with CManager():
        look("generator")
        yield


def in_body():
    look("before", 1)
    with CManager():
        look("body")
    with StraightManager(), LoopingManager():
        pass
    look("after")


def in_arguments():
    # The manager's own call is not that of its __enter__.
    with look("making") or CManager():
        pass


def in_loop():
    for _ in range(3):
        with CManager():
            look("body of loop")


class DelegatingManager:
    def __enter__(self):
        self.begin()
        for _ in range(2):
            self.begin()

    def begin(self):
        look("begin")
        SEEN[f"begin {len(SEEN)}"] = SEEN["begin"]

    def __exit__(self, *_):
        self.end(10)

    def end(self, depth):
        if depth:
            self.end(depth - 1)
        look(f"end {depth}")


def in_delegation():
    with DelegatingManager():
        pass


class Acquiring:
    def acquire(self):
        while SEEN.get("acquire") is None:
            look("acquire")
        look("acquired")

    __enter__ = acquire
    __exit__ = staticmethod(lambda *_: None)


def in_alias():
    with Acquiring():
        SEEN["entered"] = SEEN["acquired"]
    Acquiring().acquire()
    look("outside")


def in_generator():
    SEEN.pop("enter", None)
    with generator_manager():
        look("body of generator")


@pytest.mark.parametrize(
    ("function", "seen"),
    [
        (
            in_body,
            {
                "before": False,
                "enter": IS_CALL,
                "body": False,
                "straight enter": True,
                "straight exit": True,
                "looping enter": False,
                "after the loop": True,
                "looping exit": False,
                "after": False,
            },
        ),
        (in_arguments, {"making": False, "enter": IS_CALL}),
        (in_loop, {"enter": IS_CALL, "body of loop": False}),
        (in_generator, {"enter": True, "generator": True, "body of generator": False}),
        (in_alias, {"acquire": False, "entered": True, "acquired": False, "outside": False}),
    ],
)
def test_only_the_call_itself_is_waited_for(function, seen):
    SEEN.clear()
    function()
    assert seen == SEEN


def test_what_is_called_is_waited_for_unless_something_repeats_or_is_deep():
    SEEN.clear()
    in_delegation()
    # In __enter__ there is a loop after the first call, and around the others.
    assert [SEEN[name] for name in SEEN if name.startswith("begin")] == [False] * 4
    assert [SEEN[f"end {depth}"] for depth in range(11)] == [False] * 4 + [True] * 7


def choose(manager, is_other):
    SEEN["choose"] = enters_next(sys._getframe(0))
    return make(manager) if is_other else manager


def make(manager):
    SEEN["make"] = enters_next(sys._getframe(0))
    manager = [manager][0]
    SEEN["make once more"] = enters_next(sys._getframe(0))
    len("")
    return manager


def test_the_call_of_enter_is_seen_before_it_is_made():
    manager = CManager()

    def enter(is_other):
        for _ in range(2):
            with choose(manager, is_other):
                SEEN["body"] = enters_next(sys._getframe(0))
            SEEN["looking"] = enters_next(sys._getframe(0))
            with manager if _ else manager:
                pass
            seen = enters_next(sys._getframe(0))
        SEEN["after"] = seen

    for is_other in (False, True):
        SEEN.clear()
        enter(is_other)
        del SEEN["enter"]
        expected = {"choose": IS_CALL, "body": False, "looking": IS_CALL, "after": False}
        if is_other:
            expected |= {"make": False, "make once more": False}
        assert expected == SEEN


def test_a_large_function_is_read_as_it_is():
    # Jumps and constants with extended arguments.
    lines = "\n".join(f"    x{n} = {n + 1000}" for n in range(600))
    names = {"CManager": CManager, "look": look}
    exec(f"def large():\n{lines}\n    with CManager():\n        look('large')", names)
    SEEN.clear()
    names["large"]()
    assert SEEN == {"enter": IS_CALL, "large": False}


def test_a_thread_that_waits_for_a_lock_enters_its_with():
    # Its __enter__ is written in Python.
    condition, begun = threading.Condition(), threading.Event()

    def wait():
        begun.set()
        with condition:
            pass

    with condition:
        thread = threading.Thread(target=wait)
        thread.start()
        begun.wait()
        # It has nothing else to do.
        while not is_entered_or_left(sys._current_frames()[thread.ident]):
            pass
    thread.join()


class Frame:
    def __init__(self, place):
        self.f_lasti = place


def test_on_the_main_thread_a_wait_is_told_from_work(monkeypatch):
    times, work = iter(range(0, 200, 20)), iter([0, 20, 20, 20, 40, 40, 40, 40])
    monkeypatch.setattr("time.monotonic_ns", lambda: next(times) * 1_000_000)
    monkeypatch.setattr("time.thread_time_ns", lambda: next(work) * 1_000_000)
    waits, frame = MainThreadWaits(), Frame(0)
    # For the first time; has worked; has not; for the first time again; has worked.
    assert [waits.is_waiting(frame) for _ in range(5)] == [False, False, True, False, False]
    # Has come to another place without much work; has not.
    frame.f_lasti = 2
    assert [waits.is_waiting(frame) for _ in range(2)] == [False, True]
    # Another call of the same function.
    assert not waits.is_waiting(Frame(2))
