"""Arguments of the command line, as JSON.

JSON has no tuples, bytes and the like. They are written as an object with one key:

    {"$tuple": [1, 2]}   {"$set": [1, 2]}   {"$bytes": "aGVsbG8="}   {"$complex": [1.5, -2]}
    {"$datetime": "2024-01-31T12:00:00+01:00"}   {"$date": "2024-01-31"}
    {"$dict": [[key, value], …]}

An object of COMPAS is what COMPAS writes: {"dtype": "compas.geometry/Point", "data": …}.
"""

from __future__ import annotations

from pyproxy_runtime.errors import NotConvertible
from pyproxy_runtime.standard_library import standard

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def parse(texts: list[str], is_limited: bool = False) -> list[Any]:
    """Each text as JSON if it is JSON, otherwise as it is.

    Where `is_limited`, no instances of classes are made.
    """
    return [_parse(text, is_limited) for text in texts]


def _parse(text: str, is_limited: bool) -> Any:
    json = standard("json")
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, is_limited))
    except json.JSONDecodeError:
        return text


def _object(pairs: list[tuple[str, Any]], is_limited: bool) -> Any:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(
            f"a JSON object has the key {twice!r} more than once; leave one of them out"
        )
    if len(pairs) == 1 and (make := _TAGS.get(pairs[0][0])):
        tag, content = pairs[0]
        try:
            return make(content)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{{{tag!r}: {content!r}}} makes no value: {error}") from None
    if isinstance(found.get("dtype"), str) and "data" in found and not is_limited:
        return _compas(found)
    return found


def _bytes(text: str) -> bytes:
    return standard("base64").b64decode(text, validate=True)  # type: ignore[no-any-return]


_TAGS: dict[str, Callable[[Any], object]] = {
    "$tuple": tuple,
    "$set": set,
    "$bytes": _bytes,
    "$complex": lambda parts: complex(*parts),
    "$datetime": lambda text: standard("datetime").datetime.fromisoformat(text),
    "$date": lambda text: standard("datetime").date.fromisoformat(text),
    "$dict": dict,
}


def _compas(found: dict[str, Any]) -> object:
    from pyproxy_runtime.values import compas_values

    try:
        return compas_values.restore(
            [found["dtype"], found.get("guid"), found.get("name"), found["data"]]
        )
    except NotConvertible:
        # An object with these keys, but not one of COMPAS.
        return found
