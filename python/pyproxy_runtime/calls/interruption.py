"""Interrupting calls, and looking at what threads do."""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]
import faulthandler
import os
import sys
from types import FrameType

from pyproxy_runtime.after_import import after_import
from pyproxy_runtime.calls.frame import FILE
from pyproxy_runtime.calls.with_statements import (
    MainThreadWaits,
    enters_next,
    is_entered_or_left,
)
from pyproxy_runtime.reloading.project import loads_project

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pyproxy_runtime.forked import Forks
    from pyproxy_runtime.reloading.project import Project

IMPORT_SYSTEM = "<frozen importlib._bootstrap>"
IMPORT_SYSTEMS = (IMPORT_SYSTEM, "<frozen importlib._bootstrap_external>")
PROJECT_LOADER = "<loader of the project>"
# The text that starts the server, the frame that calls run below, and the server's own code.
HIDDEN_FILES = ("<string>", FILE, "<pyproxy>/")
MAXIMUM_FRAMES = 50

# The last but one of the real-time signals; the last one asks for stacks.
OWN_SIGNAL = int(getattr(signal, "SIGRTMAX", 0)) - 1
if OWN_SIGNAL < 0:
    OWN_SIGNAL = int(signal.SIGUSR2)


def place_to_interrupt(project: Project, identifier: int) -> tuple[FrameType, int] | None:
    """The frame and instruction at which a thread stands, if it may be interrupted there.

    Not in the middle of an import, nor while a `with` statement is entered. For threads other than
    the main thread. Other threads run while this function does: the caller looks again.
    """
    frame = sys._current_frames().get(identifier)
    if frame is None:
        return None
    place = frame.f_lasti
    if _is_importing(project, frame) or is_entered_or_left(frame) or enters_next(frame):
        return None
    return frame, place


def _is_importing(project: Project, frame: FrameType | None) -> bool:
    """Whether a thread is in the middle of an import.

    An import is let finish: a module that was interrupted is imported anew next time, and extension
    modules such as numpy's refuse that. The project's own modules are no such modules: when they
    are reloaded, they are not waited for.
    """
    files = []
    while frame is not None:
        code = frame.f_code
        files.append(PROJECT_LOADER if loads_project(code) else code.co_filename)
        frame = frame.f_back
    if project.session is not None:
        files = _without_project(files)
    return IMPORT_SYSTEM in files


def _without_project(files: list[str]) -> list[str]:
    """The files of frames, without what the import system does for the loader of the project."""
    rest: list[str] = []
    skipping = False
    for file in files:
        if file == PROJECT_LOADER:
            skipping = True
            while rest and rest[-1] in IMPORT_SYSTEMS:
                rest.pop()
        elif file not in IMPORT_SYSTEMS:
            skipping = False
            rest.append(file)
        elif not skipping:
            rest.append(file)
    return rest


def handle_signals(
    project: Project,
    forks: Forks,
    take_interruption: Callable[[], bool],
    follow: Callable[[int, bool], None],
) -> None:
    """Lets a signal interrupt the call of the main thread, if that call is to be interrupted.

    It is a signal of the server's own, because user code handles SIGINT, or gives it its default
    action, which would end the server. If user code handles SIGINT, it gets that first, as from a
    terminal. `follow` is told the own signal, and whether user code handles SIGINT.

    A signal that comes too late for its call, or from elsewhere, does nothing. What is raised is
    the exception of Control-C, and no class of our own: subprocess asks for exactly that class.
    """

    waits = MainThreadWaits()
    is_deciding = False

    def may_raise(frame: FrameType) -> bool:
        if _is_importing(project, frame):
            return False
        return not is_entered_or_left(frame) or waits.is_waiting(frame)

    def handle(_signal: int, frame: FrameType | None) -> None:
        nonlocal is_deciding
        if forks.is_child:
            # As in any other process.
            raise KeyboardInterrupt
        # The next signal may come while this one is decided upon: it finds the frames of this.
        if is_deciding:
            return
        is_deciding = True
        try:
            may = frame is None or may_raise(frame)
        finally:
            is_deciding = False
        if may:
            waits.forget()
            if take_interruption():
                raise KeyboardInterrupt("the call was interrupted from outside")

    for number in (signal.SIGINT, OWN_SIGNAL):
        signal.signal(number, handle)
    follow(OWN_SIGNAL, False)

    def follow_user(module: Any) -> None:
        set_handler = module.signal

        def set_and_follow(signalnum: int, handler: Any) -> Any:
            if signalnum == OWN_SIGNAL and not forks.is_child:
                raise ValueError(
                    f"signal {OWN_SIGNAL} interrupts calls of this server that are cancelled; "
                    "handle another one"
                )
            before = set_handler(signalnum, handler)
            if signalnum == signal.SIGINT and not forks.is_child:
                follow(OWN_SIGNAL, callable(handler) and handler is not handle)
            return before

        set_and_follow.__name__ = set_and_follow.__qualname__ = "signal"
        set_and_follow.__doc__ = set_handler.__doc__
        module.signal = set_and_follow

    after_import({"signal": follow_user})


def stacks() -> list[tuple[int, list[str]]]:
    """What each thread is running, the innermost frame first, without the server's own frames."""
    return [(number, _lines(frame)) for number, frame in sys._current_frames().items()]


def _lines(frame: FrameType | None) -> list[str]:
    lines: list[str] = []
    while frame is not None and len(lines) < MAXIMUM_FRAMES:
        code = frame.f_code
        if not code.co_filename.startswith(HIDDEN_FILES):
            lines.append(f"{code.co_qualname} ({code.co_filename}:{frame.f_lineno})")
        frame = frame.f_back
    return lines


def prepare_dumps() -> tuple[int, int]:
    """Makes a signal write the stacks of all threads to a pipe, without the GIL.

    Returns the pipe's end to read from, and the signal.
    """
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    number = int(getattr(signal, "SIGRTMAX", 0) or getattr(signal, "SIGINFO", signal.SIGXFSZ))
    faulthandler.register(number, file=writing, all_threads=True)
    return reading, number
