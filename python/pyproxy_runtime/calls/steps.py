"""Work of the server in whose course the user's code runs, without a frame of the server below it.

A generator yields `(function, *arguments)` for whatever runs the user's code. Who drives it calls
that function, while the generator is suspended and its frame is on no stack, and sends
`(result, None)` or `(None, exception)`. The server drives generators natively, see `Steps.swift`.
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
