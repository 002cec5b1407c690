"""Parts of foreign objects as text and plain data, whatever their classes do."""

from __future__ import annotations

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MAXIMUM_TEXT = 100_000
_MAXIMUM_SHORT = 1000
_MAXIMUM_ITEMS = 100
_MAXIMUM_DEPTH = 4
_MAXIMUM_BITS = 1024


def text_of(make: Callable[[Any], Any], value: object, what: str) -> str:
    """The text that `make` makes of a value; a text that says so if it raises or makes none."""
    try:
        text = make(value)
    # SystemExit and the like, too: they are not meant for the server.
    except BaseException as failure:
        return f"<{what} raised {name_of(type(failure))}>"
    if not isinstance(text, str):
        return f"<{what} is no text but of type {name_of(type(text))}>"
    return exact(text)


def exact(text: str, limit: int = MAXIMUM_TEXT) -> str:
    """A text without lone surrogates, of the built-in type, and not too long."""
    encoded = str.encode(text, "utf-8", "backslashreplace").decode()
    return encoded if len(encoded) <= limit else encoded[:limit] + "…"


def name_of(kind: type) -> str:
    """The qualified name of a class, whatever its metaclass says."""
    try:
        return exact(type.__dict__["__qualname__"].__get__(kind))
    except BaseException:
        return "object"


def module_of(kind: type) -> str:
    try:
        module = kind.__module__
    except BaseException:
        return ""
    return exact(module) if isinstance(module, str) else ""


def plain(value: object, depth: int = 0) -> Any:
    """A copy made of built-in types; what is none of them, or too much, becomes its `repr`."""
    copied = copy_of(value, depth)
    return exact(text_of(repr, value, "its repr"), _MAXIMUM_SHORT) if copied is None else copied[0]


def copy_of(value: object, depth: int = 0) -> tuple[Any] | None:
    """The copy in a tuple, or None if there is none."""
    kind = type(value)
    if value is None or kind in (bool, float, complex):
        return (value,)
    if isinstance(value, int):
        return (int(value),) if int.bit_length(value) <= _MAXIMUM_BITS and kind is int else None
    if isinstance(value, str):
        return (exact(value),)
    if kind is bytes:
        return (value,) if len(value) <= MAXIMUM_TEXT else None  # type: ignore[arg-type]
    if depth >= _MAXIMUM_DEPTH:
        return None
    if kind in (list, tuple):
        items: Any = value
        copies = [plain(item, depth + 1) for item in items[:_MAXIMUM_ITEMS]]
        return (kind(copies),) if len(items) <= _MAXIMUM_ITEMS else None
    if kind is dict:
        pairs: Any = value
        if len(pairs) > _MAXIMUM_ITEMS or any(type(key) is not str for key in pairs):
            return None
        return ({exact(key): plain(item, depth + 1) for key, item in list(pairs.items())},)
    return None
