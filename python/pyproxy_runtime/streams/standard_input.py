"""Standard input: there is none, and code that waits for it is told so at once."""

from __future__ import annotations

import io
import os
import sys

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class _NoBytes(io.RawIOBase):
    """Raises for whoever wants to read. It cannot be closed: it is everybody's."""

    name = "<stdin>"
    mode = "rb"

    def close(self) -> None:
        """Nothing."""

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0

    def read(self, _size: int | None = -1, /) -> NoReturn:
        _refuse()

    def readinto(self, _buffer: object, /) -> NoReturn:
        _refuse()

    def readline(self, _size: int | None = -1, /) -> NoReturn:
        _refuse()


class _NoBuffer(io.BufferedIOBase):
    raw: _NoBytes
    name = "<stdin>"
    mode = "rb"

    def __init__(self) -> None:
        self.raw = _NoBytes()

    def close(self) -> None:
        """Nothing."""

    def detach(self) -> _NoBytes:
        return self.raw

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0

    def read(self, _size: int | None = -1, /) -> NoReturn:
        _refuse()

    def read1(self, _size: int = -1, /) -> NoReturn:
        _refuse()

    def readline(self, _size: int | None = -1, /) -> NoReturn:
        _refuse()


class NoInput(io.TextIOBase):
    """Raises for whoever wants to read. `input()` reads from here."""

    name = "<stdin>"
    mode = "r"
    encoding = "utf-8"
    errors = "strict"
    buffer: Any

    def __init__(self) -> None:
        self.buffer = _NoBuffer()

    def close(self) -> None:
        """Nothing: `exit()` closes it, and is the end of a call only."""

    def detach(self) -> Any:
        return self.buffer

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0

    def read(self, _size: int | None = -1, /) -> NoReturn:
        _refuse()

    def readline(self, _size: int = -1, /) -> NoReturn:  # type: ignore[override]
        _refuse()


def _refuse() -> NoReturn:
    raise EOFError(
        "this code runs in a server, which has no standard input; pass what it asks for as an "
        "argument"
    )


def replace_debugger() -> None:
    """Makes `breakpoint()` raise an error that says why."""
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = _no_debugger


def _no_debugger(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise RuntimeError(
        "breakpoint() needs a terminal, which a server does not have; let PYTHONBREAKPOINT name a "
        "debugger that listens, such as debugpy.breakpoint"
    )
