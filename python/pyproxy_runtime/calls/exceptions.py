"""Exceptions as plain data, for the client.

Whatever an exception contains, the rest of it arrives: an odd part becomes a text that says so.
"""

from __future__ import annotations

import types

from pyproxy_runtime.calls import plain, suggestions, tracebacks

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Of causes and contexts, and of groups within each other.
MAXIMUM_DEPTH = 20
# In all, with those of groups.
MAXIMUM_EXCEPTIONS = 200
MAXIMUM_NOTES = 100
MAXIMUM_ATTRIBUTES = 50
MAXIMUM_ARGUMENTS = 20

_FIELDS = (types.MemberDescriptorType, types.GetSetDescriptorType)


def describe(error: BaseException) -> dict[str, Any]:
    """The exception with its traceback, notes, arguments, attributes, bases, cause and context.

    Of causes, contexts and members of groups that refer to each other each is described once, in
    the order of CPython's tracebacks.
    """
    seen = {id(error)}
    description = _alone(error)
    waiting = [(description, error, 1)]

    def add(found: BaseException, depth: int) -> dict[str, Any]:
        seen.add(id(found))
        added = _alone(found)
        following.append((added, found, depth))
        return added

    while waiting:
        current, error, depth = waiting.pop()
        following: list[tuple[dict[str, Any], BaseException, int]] = []
        if depth < MAXIMUM_DEPTH:
            cause, context = error.__cause__, error.__context__
            if cause is not None and id(cause) not in seen:
                current["cause"] = add(cause, depth + 1)
            elif context is not None and not error.__suppress_context__ and id(context) not in seen:
                current["context"] = add(context, depth + 1)
            if isinstance(error, BaseExceptionGroup):
                members = BaseExceptionGroup.exceptions.__get__(error)
                current["exceptions"] = [
                    add(member, depth + 1)
                    for member in members[: max(MAXIMUM_EXCEPTIONS - len(seen), 0)]
                ]
        waiting += following
    return description


def _alone(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    return {
        "type": plain.name_of(kind),
        "module": plain.module_of(kind),
        "message": _message(error),
        "frames": tracebacks.frames(error.__traceback__) + tracebacks.place(error),
        "notes": _notes(error),
        "bases": [_full_name(base) for base in kind.__mro__[1:-1]],
        "args": _arguments(error),
        "attributes": _attributes(error),
    }


def _full_name(kind: type) -> str:
    module = plain.module_of(kind)
    name = plain.name_of(kind)
    return name if module in ("builtins", "") else f"{module}.{name}"


def _message(error: BaseException) -> str:
    message = plain.text_of(str, error, "the exception's __str__")
    # What Python's own traceback adds on a terminal, but not to the text of the exception.
    return message if "Did you mean" in message else message + suggestions.hint(error)


def _notes(error: BaseException) -> list[str]:
    try:
        notes = getattr(error, "__notes__", None) or ()
        if not isinstance(notes, (list, tuple)):
            return [plain.text_of(repr, notes, "the repr of the notes")]
        return [
            plain.text_of(str, note, "a note's __str__") for note in list(notes)[:MAXIMUM_NOTES]
        ]
    except BaseException as failure:
        return [f"<the notes raised {plain.name_of(type(failure))}>"]


def _arguments(error: BaseException) -> list[Any]:
    arguments = BaseException.args.__get__(error)  # type: ignore[attr-defined]
    return [plain.plain(argument) for argument in arguments[:MAXIMUM_ARGUMENTS]]


def _attributes(error: BaseException) -> dict[str, Any]:
    """What the exception carries beside its arguments, as far as it is plain data."""
    found: dict[str, Any] = {}
    for kind in type(error).__mro__:
        if kind is BaseException:
            break
        for name, field in list(vars(kind).items()):
            if type(field) in _FIELDS and name not in found and not name.startswith("_"):
                try:
                    value = field.__get__(error, kind)
                # Not set.
                except BaseException:
                    continue
                if value is not None:
                    _add(name, value, found)
    for name, value in list(getattr(error, "__dict__", {}).items()):
        if isinstance(name, str) and not name.startswith("_"):
            _add(plain.exact(name), value, found)
    return found


def _add(name: str, value: object, found: dict[str, Any]) -> None:
    copied = plain.copy_of(value)
    if copied is not None and len(found) < MAXIMUM_ATTRIBUTES:
        found[name] = copied[0]
