"""Whether an exception that is raised in a thread now would leave a `with` statement half entered.

CPython looks for exceptions from outside when a call returns, begins or jumps back. If that is the
call of `__enter__`, a lock has been acquired then, and `__exit__` does not run: the lock stays
locked. So it is in all versions if `__enter__` is written in Python, and since 3.14 in any case:
until then the call was part of an instruction, BEFORE_WITH, after which nothing looks.

Since 3.13 a thread that has let go of the GIL where it looks finds an exception at the next such
place. If that is the call of `__enter__`, it is waited for as well. If it is an `__exit__` that is
written in Python, nothing can be done: which one is called is not to be seen from outside.
"""

from __future__ import annotations

import time
from types import FrameType

from pyproxy_runtime.standard_library import standard

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

_METHODS = ("__enter__", "__exit__")
# How deep in what `__enter__` and `__exit__` call.
_MAXIMUM_DEPTH = 8
_LOOKING = ("CALL", "CALL_KW", "CALL_FUNCTION_EX", "JUMP_BACKWARD")
# A thread that waits runs for less than this part of the time.
_SHARE_OF_WAITING = 1 / 50


def is_entered_or_left(frame: FrameType) -> bool:
    """Whether a thread, whose innermost frame this is, enters or leaves a `with` statement.

    Either the frame stands at a call of `__enter__` after which an exception is looked for, or it
    is that of an `__enter__` or `__exit__`, or of what those call, and all of these end without
    repeating anything. So what is waited for is short, or a wait in C, which an exception would not
    end either.
    """
    if frame.f_lasti >= 0 and not _has_instruction() and _calls_enter(frame.f_code, frame.f_lasti):
        return True
    caller: FrameType | None = frame
    for _ in range(_MAXIMUM_DEPTH):
        if caller is None or caller.f_lasti < 0 or _repeats(caller):
            return False
        code, caller = caller.f_code, caller.f_back
        if code.co_name in _METHODS or (
            caller is not None and _calls_enter(caller.f_code, caller.f_lasti)
        ):
            return True
    return False


def enters_next(frame: FrameType | None) -> bool:
    """Whether the next place where a thread looks for an exception may be a call of `__enter__`."""
    if _has_instruction():
        return False
    while frame is not None and frame.f_lasti >= 0:
        enters, returns = _looks_next(frame.f_code, frame.f_lasti)
        if enters or not returns:
            return enters
        frame = frame.f_back
    return False


def _looks_next(code: CodeType, place: int) -> tuple[bool, bool]:
    """What code may do before it looks for an exception, on some path from a place.

    Whether it comes to a call of `__enter__`, and whether it returns. Exceptions that it raises
    itself are left out.
    """
    names = {number: name for name, number in _numbers().items()}
    instructions = code.co_code
    enters = returns = False
    paths, seen = [_after(instructions, place)], set()
    while paths:
        place = paths.pop()
        extended = 0
        while place < len(instructions) and place not in seen:
            seen.add(place)
            name, argument = names.get(instructions[place], ""), instructions[place + 1] | extended
            extended = argument << 8 if name == "EXTENDED_ARG" else 0
            following = _after(instructions, place)
            if name in _LOOKING:
                enters = enters or _calls_enter(code, place)
                break
            if name.startswith("RETURN"):
                returns = True
                break
            if name == "JUMP_FORWARD":
                following += 2 * argument
            elif name.startswith(("POP_JUMP", "FOR_ITER")):
                paths.append(following + 2 * argument)
            place = following
    return enters, returns


def _after(instructions: bytes, place: int) -> int:
    """The place of the next instruction: caches, which are zeros, lie in between."""
    place += 2
    while place < len(instructions) and instructions[place] == 0:
        place += 2
    return place


def _calls_enter(code: CodeType, place: int) -> bool:
    """Whether an instruction calls the `__enter__` of a `with` statement."""
    numbers, instructions = _numbers(), code.co_code
    if _has_instruction():
        return instructions[place] == numbers["BEFORE_WITH"]
    # 3.14: LOAD_SPECIAL (__enter__), which has no cache, and CALL.
    return (
        place >= 2
        and instructions[place] == numbers["CALL"]
        and instructions[place - 2] == numbers["LOAD_SPECIAL"]
    )


def _repeats(frame: FrameType) -> bool:
    """Whether the code of a frame may jump back, after the place where it stands."""
    jumps = {number for name, number in _numbers().items() if "JUMP_BACKWARD" in name}
    return any(number in jumps for number in frame.f_code.co_code[frame.f_lasti :: 2])


def _has_instruction() -> bool:
    """Whether the call of `__enter__` is an instruction of its own: before 3.14."""
    return "BEFORE_WITH" in _numbers()


def _numbers() -> dict[str, int]:
    numbers: dict[str, int] = standard("opcode").opmap
    return numbers


class MainThreadWaits:
    """Tells the wait in `__enter__` from its return, on the main thread.

    A signal ends the wait, and nothing is acquired. But its handler also runs when the call has
    just returned, and sees the same frame. So the first signal does nothing. If the thread stands
    at the same instruction at the next signal, and has used little processor time, it waits.
    """

    def __init__(self) -> None:
        self._frame: FrameType | None = None
        self._place = 0
        self._time = 0
        self._processor_time = 0

    def is_waiting(self, frame: FrameType) -> bool:
        """Whether the frame, which stands at such a call, waits there."""
        now, processor_now = time.monotonic_ns(), time.thread_time_ns()
        if self._frame is frame and self._place == frame.f_lasti:
            elapsed = now - self._time
            if processor_now - self._processor_time < elapsed * _SHARE_OF_WAITING:
                self.forget()
                return True
        self._frame, self._place = frame, frame.f_lasti
        self._time, self._processor_time = now, processor_now
        return False

    def forget(self) -> None:
        """Lets go of the frame."""
        self._frame = None
