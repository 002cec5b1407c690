"""Work of the server in whose course the user's code runs, without a frame of the server below it.

A generator yields `(function, *arguments)` for each call that runs the user's code. Its caller
makes that call and sends `(result, None)` or `(None, exception)`. A suspended generator has no
frame on the stack. The server runs the generators natively, see `Steps.swift`.
"""

from __future__ import annotations

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, TypeVar

    Result = TypeVar("Result")
    Outcome = tuple[Any, BaseException | None]
    Steps = Generator[tuple[Any, ...], Outcome, Result]


def perform(function: Callable[..., Any], /, *arguments: Any) -> Steps[Any]:
    """One step: a call of a function that is not the server's."""
    result, error = yield (function, *arguments)
    if error is not None:
        raise error
    return result
