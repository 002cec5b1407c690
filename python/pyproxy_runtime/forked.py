"""Processes that Python code forks.

In a forked child the end of the call is the end of the process. The child has the parent's memory,
but none of its threads; it must not serve clients, nor touch what is the parent's.
"""

from __future__ import annotations

import _thread
import faulthandler
import os
import sys

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class Forks:
    """Knows whether this process was forked, and by which of its threads."""

    def __init__(self) -> None:
        # The thread that goes on in the child; None in the server itself.
        self._thread: int | None = None
        os.register_at_fork(after_in_child=self._enter_child)

    def _enter_child(self) -> None:
        self._thread = _thread.get_ident()
        # The descriptor of the server's log is closed here.
        if faulthandler.is_enabled():
            faulthandler.enable(file=2)

    @property
    def is_child(self) -> bool:
        return self._thread is not None

    def end_thread(self) -> None:
        """Ends the process if it is a child and this is the thread that was forked."""
        if self._thread == _thread.get_ident():
            end(None)


def end(error: BaseException | None) -> NoReturn:
    """Ends this process as Python would end one whose code has returned or raised.

    What was registered with atexit is the parent's, and does not run.
    """
    status = 0
    try:
        status = _status(error)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except BaseException:
        status = status or 1
    finally:
        os._exit(status)


def _status(error: BaseException | None) -> int:
    if error is None:
        return 0
    if not isinstance(error, SystemExit):
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def follow_threading(threading: Any) -> None:
    """Lets `threading` end in a child that was forked by a thread which Python has not started.

    Such a thread is the child's main thread, and CPython before 3.11.8 and 3.12.2 expects that one
    to have a lock (gh-102512): worker processes of multiprocessing would end with status 1.
    """

    def complete_main_thread() -> None:
        main = threading.main_thread()
        if getattr(main, "_tstate_lock", threading) is None and not main._is_stopped:
            main._set_tstate_lock()

    # Registered after that of `threading` itself, and called after it.
    os.register_at_fork(after_in_child=complete_main_thread)


def follow_multiprocessing(context_module: Any) -> None:
    """Lets a process without threads start worker processes, unless the user chooses otherwise.

    A fork of a process with threads, as a server is, may deadlock: CPython itself has not forked by
    default since 3.14.
    """
    default = context_module._default_context
    if default._default_context is context_module._concrete_contexts.get("fork"):
        default._default_context = context_module._concrete_contexts["forkserver"]
