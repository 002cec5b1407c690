"""What a client has thrown, as an exception for `__exit__`."""

from __future__ import annotations

import sys

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class SwiftError(Exception):
    """An error of the Swift program."""


def make(thrown: tuple[str | None, str, list[Any], str] | str) -> BaseException:
    """The exception that a call has raised, made anew, or a SwiftError with the error's text."""
    if isinstance(thrown, str):
        return SwiftError(thrown)
    name, module, arguments, text = thrown
    kind: Any = sys.modules.get(module) if name else None
    for part in name.split(".") if name else ():
        kind = getattr(kind, part, None)
    if isinstance(kind, type) and issubclass(kind, BaseException):
        try:
            made = kind(*arguments)
        # It wants other arguments.
        except Exception:
            made = None
        if isinstance(made, BaseException):
            return made
    return SwiftError(text)
