"""The end of the server is the end of a Python program.

What was queued is done, executors and threads end, what was registered with atexit runs, files are
written. Only the interpreter is not finalised: threads that still run Python code would crash it.
Whatever hangs here, the server's deadline, which needs no Python, ends the process.
"""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn


def finish(native: Any, status: int) -> NoReturn:
    """Ends the process. On the main thread."""
    try:
        for step in (_join_threads, atexit._run_exitfuncs, _flush_files, _leave_trackers):
            _attempt(step)
        native.finished()
    finally:
        os._exit(status)


def _attempt(step: Callable[[], object]) -> None:
    """What one of the user's functions raises must not keep the others from running."""
    try:
        step()
    except BaseException:
        try:
            sys.excepthook(*sys.exc_info())
        except BaseException:
            return


def _join_threads() -> None:
    """Ends executors, also those of joblib, and waits for threads that are not daemons."""
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()


def _flush_files() -> None:
    """Writes what open files hold back, as their end would."""
    writers = [thing for thing in gc.get_objects() if isinstance(thing, io.IOBase)]
    # Text files first: they write to the others.
    for kind in (io.TextIOWrapper, (io.BufferedWriter, io.BufferedRandom)):
        for writer in writers:
            if isinstance(writer, kind):
                _attempt(lambda writer=writer: writer.closed or writer.flush())  # type: ignore[misc]
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            _attempt(stream.flush)


def _leave_trackers() -> None:
    """Lets the resource trackers of multiprocessing and loky go.

    They do not listen to SIGTERM: they remove shared memory and semaphores that are left, and end,
    when nobody holds the other end of their pipe any more.
    """
    for name, module in list(sys.modules.items()):
        if name.endswith("resource_tracker"):
            tracker = getattr(module, "_resource_tracker", None)
            descriptor = getattr(tracker, "_fd", None)
            if isinstance(descriptor, int):
                tracker._fd = None  # type: ignore[union-attr]
                os.close(descriptor)
