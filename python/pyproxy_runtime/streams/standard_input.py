"""Standard input: there is none, and code that waits for it is told so at once."""

from __future__ import annotations

import io
import os
import sys

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class NoInput(io.TextIOBase):
    """Raises for whoever wants to read. `input()` reads from here."""

    name = "<stdin>"
    encoding = "utf-8"

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0

    def read(self, _size: int | None = -1, /) -> NoReturn:
        raise EOFError(
            "this code runs in a server, which has no standard input; pass what it asks for as an "
            "argument"
        )

    def readline(self, _size: int = -1, /) -> NoReturn:  # type: ignore[override]
        self.read()


def replace() -> None:
    """Makes `input()` and `breakpoint()` raise errors that say why."""
    sys.stdin = sys.__stdin__ = NoInput()  # type: ignore[assignment, misc]
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = _no_debugger


def _no_debugger(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise RuntimeError(
        "breakpoint() needs a terminal, which a server does not have; let PYTHONBREAKPOINT name a "
        "debugger that listens, such as debugpy.breakpoint"
    )
