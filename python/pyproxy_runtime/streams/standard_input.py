"""Standard input: there is none, and code that waits for it is told so at once."""

from __future__ import annotations

import io
import os
import sys

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class _Refusing(io.IOBase):
    """Raises at every read. It cannot be closed: `exit()` closes it, and ends one call only."""

    name = "<stdin>"

    def close(self) -> None:
        """Nothing: the stream is everybody's."""

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0

    def read(self, _size: int | None = -1, /) -> NoReturn:
        raise EOFError(
            "this code runs in a server, which has no standard input; pass what it asks for as an "
            "argument"
        )

    def readline(self, _size: int | None = -1, /) -> NoReturn:
        self.read()


class _NoBytes(_Refusing, io.RawIOBase):
    mode = "rb"

    def readinto(self, _buffer: object, /) -> NoReturn:
        self.read()


class _NoBuffer(_Refusing, io.BufferedIOBase):
    mode = "rb"

    def __init__(self) -> None:
        self.raw: Any = _NoBytes()

    def detach(self) -> Any:
        return self.raw

    def read1(self, _size: int = -1, /) -> NoReturn:
        self.read()


class NoInput(_Refusing, io.TextIOBase):
    """What `input()` reads from."""

    mode = "r"
    encoding = "utf-8"
    errors = "strict"

    def __init__(self) -> None:
        self.buffer: Any = _NoBuffer()

    def detach(self) -> Any:
        return self.buffer


def replace_debugger() -> None:
    """Makes `breakpoint()` raise an error that says why."""
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = _no_debugger


def _no_debugger(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise RuntimeError(
        "breakpoint() needs a terminal, which a server does not have; let PYTHONBREAKPOINT name a "
        "debugger that listens, such as debugpy.breakpoint"
    )
