"""Exceptions as plain data, for the client."""

from __future__ import annotations

import importlib
from types import TracebackType

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAXIMUM_CHAIN = 20
MAXIMUM_FRAMES = 100
HIDDEN_FILES = ("<pyproxy>/", "<frozen importlib", importlib.__file__)


def describe(error: BaseException) -> dict[str, Any]:
    """The exception with its traceback, notes, cause and context.

    Each frame is (file, line, function, source line). Frames of this package and of the import
    system are left out.
    """
    return _describe(error, set())


def _describe(error: BaseException, seen: set[int]) -> dict[str, Any]:
    seen.add(id(error))
    kind = type(error)
    description: dict[str, Any] = {
        "type": kind.__qualname__,
        "module": kind.__module__,
        "message": _message(error),
        "frames": _frames(error.__traceback__) + _place(error),
        "notes": [str(note) for note in getattr(error, "__notes__", ()) or ()],
    }
    if len(seen) < MAXIMUM_CHAIN:
        cause, context = error.__cause__, error.__context__
        if cause is not None and id(cause) not in seen:
            description["cause"] = _describe(cause, seen)
        elif context is not None and not error.__suppress_context__ and id(context) not in seen:
            description["context"] = _describe(context, seen)
    return description


def _message(error: BaseException) -> str:
    try:
        message = str(error)
    except Exception as failure:
        return f"<the exception's __str__ raised {type(failure).__name__}>"
    # What Python's own traceback adds on a terminal, but not to the text of the exception.
    if isinstance(error, AttributeError) and error.name and "Did you mean" not in message:
        import difflib

        close = difflib.get_close_matches(error.name, _names(error.obj), n=1)
        if close:
            message += f". Did you mean: {close[0]!r}?"
    return message.encode("utf-8", "backslashreplace").decode()


def _names(instance: object) -> list[str]:
    try:
        return [name for name in dir(instance) if isinstance(name, str)]
    except Exception:
        return []


def _place(error: BaseException) -> list[tuple[str, int, str, str]]:
    """Where a syntax error is, which no frame tells."""
    if not isinstance(error, SyntaxError) or not error.filename or not error.lineno:
        return []
    return [(error.filename, error.lineno, "<module>", (error.text or "").strip())]


def _frames(traceback: TracebackType | None) -> list[tuple[str, int, str, str]]:
    import linecache

    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not code.co_filename.startswith(HIDDEN_FILES):
            frames.append((code.co_filename, traceback.tb_lineno, code, traceback.tb_frame))
        traceback = traceback.tb_next
    if len(frames) > MAXIMUM_FRAMES:
        frames = frames[: MAXIMUM_FRAMES // 2] + frames[-MAXIMUM_FRAMES // 2 :]
    return [
        (
            file,
            line or 0,
            code.co_qualname,
            linecache.getline(file, line or 0, frame.f_globals).strip(),
        )
        for file, line, code, frame in frames
    ]
