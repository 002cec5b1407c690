"""What is said of a value besides its content: its class, its texts, what it is in plain terms.

The plain form is what a client gets that asks for a built-in type. Where the content has it,
only its place is said.
"""

from __future__ import annotations

from pyproxy_runtime.values import tags

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LONGEST_TEXT = 10_000
# Texts of containers show all that is in them. Those of pandas, numpy and COMPAS are short.
LONGEST_CONTENT = 1 << 16
_CONTAINERS = {tags.BYTEARRAY, tags.NAMEDTUPLE, tags.DATACLASS, tags.NAMESPACE, tags.ENUM}

# True: the content itself; a number: one of its items.
_PLACES: dict[int, int | bool] = {
    tags.BYTEARRAY: True,
    tags.MEMORYVIEW: 3,
    tags.ENUM: 3,
    tags.DATACLASS: 2,
    tags.NAMESPACE: 0,
    tags.COMPAS: 3,
}
_PLACES_OF_PANDAS = {
    "Index": 3,
    "Series": 4,
    "Array": 2,
    "DatetimeTZ": 1,
    "Timestamp": 1,
    "Timedelta": 1,
}


def describe(value: Any, tag: int, content: Any, length: int) -> tuple[object, ...]:
    """The class, text and representation of a value, and its plain form as on the wire.

    `length` is that of the content on the wire, or less than 0 if no texts are wanted.
    """
    kind = type(value)
    # Most classes stand where users know them, but not all.
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{_module(kind)}.{kind.__qualname__}"
    )
    text = representation = None
    if length >= 0 and (length <= LONGEST_CONTENT or tag not in _CONTAINERS):
        text = _text(str, value)
        # Most classes have only one of them, and that of a table takes milliseconds.
        if getattr(kind, "__str__", None) is not object.__str__:
            representation = _text(repr, value)
            if representation == text:
                representation = None
    return name, text, representation, _plain(value, tag, content)


def _module(kind: type) -> str:
    module = kind.__module__
    # The public name of what a library keeps in modules of its own: pandas.core.frame.DataFrame.
    package = module.partition(".")[0]
    if package in ("pandas", "pathlib"):
        return package
    return module


def _text(function: Any, value: object) -> str | None:
    """Nothing is copied because of its text, so what goes wrong with that does not matter."""
    try:
        text: str = function(value)
        text.encode()
    except Exception:
        return None
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _plain(value: Any, tag: int, content: Any) -> object:
    """False: there is none; True: the content; a number: an item of it; or a list of one."""
    if tag in _PLACES:
        place = _PLACES[tag]
        # A member of an enumeration may stand for anything.
        return False if tag == tags.ENUM and content[3] is None else place
    if tag == tags.PATH:
        return isinstance(content, str)
    if tag in (tags.UUID, tags.DTYPE):
        return [str(value)]
    if tag == tags.PANDAS:
        from pyproxy_runtime.values import pandas_values

        kind = content[0]
        if kind in _PLACES_OF_PANDAS:
            return _PLACES_OF_PANDAS[kind]
        found = pandas_values.plain(kind, value)
        return False if found is None else [found]
    return False


def plain(value: Any, tag: int, content: Any) -> tuple[object] | None:
    """The plain form of a value in a tuple, or None if it has none that the server makes."""
    place = _plain(value, tag, content)
    if place is False:
        return None
    if place is True:
        return (content,)
    if isinstance(place, list):
        return (place[0],)
    return (content[place],)


# Places


def place(tag: int, content: Any, steps: list[str]) -> list[str]:
    """The steps from a value to one of its parts as users write them.

    `steps` are those within the content: "[2]", "['name']".
    """
    positions = [_position(step) for step in steps]
    first, second = [*positions, None, None][:2]
    if tag == tags.DATACLASS and first == 2:
        return [_field(step) for step in steps[1:2]] + steps[2:]
    if tag == tags.NAMESPACE and first == 0:
        return [_field(step) for step in steps[1:2]] + steps[2:]
    if tag == tags.NAMEDTUPLE and first == 3 and second is not None:
        return [f".{content[2][second]}", *steps[2:]]
    if tag == tags.ENUM and first == 3:
        return [".value", *steps[1:]]
    if tag == tags.COMPAS and first == 3:
        return [".data", *steps[1:]]
    if tag in (tags.SET, tags.FROZENSET) and first is not None:
        return ["{…}", *steps[1:]]
    if tag == tags.SLICE and first is not None:
        return [(".start", ".stop", ".step")[first], *steps[1:]]
    if tag == tags.PANDAS:
        return _place_in_pandas(content, first, second, steps)
    return steps


def _place_in_pandas(
    content: Any, first: int | None, second: int | None, steps: list[str]
) -> list[str]:
    kind = content[0]
    if kind == "DataFrame":
        if first == 3 and second is not None:
            return [f"[{list(content[2])[second]!r}]", *steps[2:]]
        return [{1: ".index", 2: ".columns"}.get(first or 0, ""), *steps[1:]]
    if kind in _PLACES_OF_PANDAS and first == _PLACES_OF_PANDAS[kind]:
        return steps[1:]
    if kind == "Series" and first == 2:
        return [".index", *steps[1:]]
    if kind == "Strings" and first == 3:
        return steps[1:]
    if kind == "Categorical" and first == 2:
        return [".categories", *steps[1:]]
    return steps


def _position(step: str) -> int | None:
    inner = step[1:-1]
    return int(inner) if step.startswith("[") and inner.isdigit() else None


def _field(step: str) -> str:
    name = step[2:-2]
    return f".{name}" if name.isidentifier() else step
