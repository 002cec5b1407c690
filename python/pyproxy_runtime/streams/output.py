"""Standard output and standard error of Python code, handed to the server with their call."""

from __future__ import annotations

import io
import os
import sys

from pyproxy_runtime.calls.attribution import current_call

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

STANDARD_OUTPUT = 1
STANDARD_ERROR = 2

# Stream, bytes, and the call that they belong to.
if TYPE_CHECKING:
    Write = Callable[[int, bytes, int], None]


class ServerStream(io.RawIOBase):
    """A raw binary stream whose bytes go to the server."""

    def __init__(self, descriptor: int, write: Write) -> None:
        self._descriptor = descriptor
        self._write = write

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        # For those that pass sys.stdout to a subprocess: the descriptor is captured, too.
        return self._descriptor

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        self._write(self._descriptor, view.tobytes() if view.nbytes else b"", current_call.get())
        return view.nbytes


def text_stream(descriptor: int, write: Write) -> io.TextIOWrapper[Any]:
    """A text stream like sys.stdout, whose writes reach the server at once."""
    # Straight on the raw stream: a buffer in between would hold bytes back until it is flushed.
    raw: Any = ServerStream(descriptor, write)
    raw.name = "<stdout>" if descriptor == STANDARD_OUTPUT else "<stderr>"
    stream: Any = io.TextIOWrapper(
        raw,
        encoding="utf-8",
        errors="backslashreplace" if descriptor == STANDARD_ERROR else "surrogateescape",
        newline="\n",
        write_through=True,
    )
    stream.mode = "w"
    return stream  # type: ignore[no-any-return]


def capture(native: object) -> None:
    """Replaces sys.stdout and sys.stderr."""
    write: Write = native.write  # type: ignore[attr-defined]
    sys.stdout = sys.__stdout__ = text_stream(STANDARD_OUTPUT, write)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = text_stream(STANDARD_ERROR, write)  # type: ignore[misc]
    os.register_at_fork(after_in_child=restore)


def restore() -> None:
    """Writes to the descriptors again: a forked child must not use the server's connections."""
    sys.stdout = sys.__stdout__ = open(  # type: ignore[misc]
        STANDARD_OUTPUT, "w", encoding="utf-8", errors="surrogateescape", closefd=False
    )
    sys.stderr = sys.__stderr__ = open(  # type: ignore[misc]
        STANDARD_ERROR, "w", encoding="utf-8", errors="backslashreplace", closefd=False
    )
