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


class ServerStream(io.RawIOBase):
    """A raw binary stream whose bytes go to the server. It cannot be closed."""

    def __init__(
        self, descriptor: int, write: Callable[[Any], int], flush: Callable[[], None]
    ) -> None:
        self._descriptor = descriptor
        # As attributes, native functions are called without a frame of Python.
        self.write = write  # type: ignore[method-assign]
        self.flush = flush  # type: ignore[method-assign]
        self.name = "<stdout>" if descriptor == STANDARD_OUTPUT else "<stderr>"
        self.mode = "wb"

    def close(self) -> None:
        """Nothing: the stream is not only its caller's."""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        # For those that pass sys.stdout to a subprocess: the descriptor is captured, too.
        return self._descriptor


class ServerBuffer(io.BufferedIOBase):
    """What stands for the buffer between a text stream and a raw one: it holds nothing back."""

    raw: ServerStream

    def __init__(self, raw: ServerStream) -> None:
        self.raw = raw
        self.write = raw.write  # type: ignore[method-assign]
        self.flush = raw.flush  # type: ignore[method-assign]
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


class ServerTextStream(io.TextIOWrapper):
    """A text stream like sys.stdout, whose writes reach the server at once."""

    def close(self) -> None:
        self.flush()

    def detach(self) -> Any:
        """The buffer, for another wrapper; this one goes on working."""
        self.flush()
        return self.buffer

    def reconfigure(self, **changes: Any) -> None:
        """As elsewhere, except that nothing is held back."""
        super().reconfigure(**{**changes, "write_through": True})


def text_stream(native: Any, descriptor: int) -> ServerTextStream:
    """The stream for descriptor 1 or 2, which writes with functions of the native module."""
    if descriptor == STANDARD_OUTPUT:
        raw = ServerStream(descriptor, native.write_output, native.flush_output)
    else:
        raw = ServerStream(descriptor, native.write_error, native.flush_error)
    stream: Any = ServerTextStream(
        ServerBuffer(raw),
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
            native.attribute_output(current_call.get)
            self._streams["stdout"] = text_stream(native, STANDARD_OUTPUT)
            self._streams["stderr"] = text_stream(native, STANDARD_ERROR)
            os.register_at_fork(after_in_child=restore)
        for name, stream in self._streams.items():
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)

    def flush(self) -> None:
        """After a call: what it has put in the place of a stream may hold text back."""
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name, None)
            if stream is not self._streams.get(name):
                try:
                    stream.flush()  # type: ignore[union-attr]
                except BaseException:
                    continue

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
