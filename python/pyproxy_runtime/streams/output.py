"""Standard output and standard error of Python code, handed to the server with their call.

The streams are everybody's: what one call does to them must not end them for the next one.
Closing, detaching and wrapping them leaves them usable; what is put in their place stays, unless it
is closed.
"""

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
    """A raw binary stream whose bytes go to the server. It cannot be closed."""

    def __init__(self, descriptor: int, write: Write) -> None:
        self._descriptor = descriptor
        self._write = write
        self.name = "<stdout>" if descriptor == STANDARD_OUTPUT else "<stderr>"
        self.mode = "wb"

    def close(self) -> None:
        """Nothing: the stream is not only its caller's."""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        # For those that pass sys.stdout to a subprocess: the descriptor is captured, too.
        return self._descriptor

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        self._write(self._descriptor, view.tobytes() if view.nbytes else b"", current_call.get())
        return view.nbytes


class ServerBuffer(io.BufferedIOBase):
    """What stands for the buffer between a text stream and a raw one: it holds nothing back."""

    raw: ServerStream

    def __init__(self, raw: ServerStream) -> None:
        self.raw = raw
        self.name = raw.name
        self.mode = "wb"

    def close(self) -> None:
        """Nothing: whoever has wrapped it, and is collected, is not the only one who uses it."""

    def detach(self) -> ServerStream:
        return self.raw

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.raw.fileno()

    def write(self, data: object) -> int:
        return self.raw.write(data)


class ServerTextStream(io.TextIOWrapper):
    """A text stream like sys.stdout, whose writes reach the server at once."""

    def close(self) -> None:
        self.flush()

    def detach(self) -> Any:
        """The buffer, for another wrapper; this one goes on working."""
        self.flush()
        return self.buffer


def text_stream(descriptor: int, write: Write) -> ServerTextStream:
    stream: Any = ServerTextStream(
        ServerBuffer(ServerStream(descriptor, write)),
        encoding="utf-8",
        errors="backslashreplace" if descriptor == STANDARD_ERROR else "surrogateescape",
        newline="\n",
        write_through=True,
    )
    stream.mode = "w"
    return stream  # type: ignore[no-any-return]


class Streams:
    """Replaces the standard streams, and puts them back when a call has broken them."""

    def __init__(self, native: Any, standard_input: Any) -> None:
        self._streams = {"stdin": standard_input}
        if native is not None:
            write: Write = native.write
            self._streams["stdout"] = text_stream(STANDARD_OUTPUT, write)
            self._streams["stderr"] = text_stream(STANDARD_ERROR, write)
            os.register_at_fork(after_in_child=restore)
        for name, stream in self._streams.items():
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)

    def check(self) -> None:
        """Before a call: a stream that is gone or closed is replaced; another that works stays."""
        for name, stream in self._streams.items():
            if getattr(sys, name, None) is not stream and not _works(getattr(sys, name, None)):
                setattr(sys, name, stream)
            if getattr(sys, f"__{name}__", None) is not stream:
                setattr(sys, f"__{name}__", stream)


def _works(stream: object) -> bool:
    try:
        return stream is not None and not getattr(stream, "closed", False)
    # A detached text stream.
    except BaseException:
        return False


def restore() -> None:
    """Writes to the descriptors again: a forked child must not use the server's connections."""
    sys.stdout = sys.__stdout__ = open(  # type: ignore[misc]
        STANDARD_OUTPUT, "w", encoding="utf-8", errors="surrogateescape", closefd=False
    )
    sys.stderr = sys.__stderr__ = open(  # type: ignore[misc]
        STANDARD_ERROR, "w", encoding="utf-8", errors="backslashreplace", closefd=False
    )
