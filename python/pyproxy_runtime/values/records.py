"""Instances of enumerations, named tuples, dataclasses and simple namespaces.

A class is named by its module and qualified name, and found again among the modules that have been
imported: nothing is imported for it.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

from pyproxy_runtime.errors import NotConvertible
from pyproxy_runtime.values import tags

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

Reduced = tuple[int, object]


def reducer(kind: type) -> Callable[[Any], Reduced | None] | None:
    enum = sys.modules.get("enum")
    if enum is not None and issubclass(kind, enum.Enum):
        return _enum
    if kind is SimpleNamespace:
        return lambda value: (tags.NAMESPACE, [dict(vars(value))])
    if issubclass(kind, tuple) and item_names(kind) is not None:
        return _named_tuple
    if issubclass(kind, tuple) and hasattr(kind, "n_sequence_fields"):
        return _structure
    if "__dataclass_fields__" in dir(kind):
        return _refuse_container if issubclass(kind, _CONTAINERS) else _dataclass
    return None


_CONTAINERS = (dict, list, tuple, set, frozenset, str, bytes, bytearray, int, float, complex)


def item_names(kind: Any) -> tuple[str, ...] | None:
    """The names of the items of a named tuple."""
    names = getattr(kind, "_fields", None)
    if isinstance(names, tuple) and all(isinstance(name, str) for name in names):
        return names
    return None


def _class_name(value: object) -> list[object]:
    kind = type(value)
    return [kind.__module__, kind.__qualname__]


def _enum(value: Any) -> Reduced:
    # The built-in type that the enumeration is made of, not a member of it again. A member is found
    # by its name: what it stands for may be anything.
    content = value._value_ if isinstance(value._value_, _PLAIN) else None
    return tags.ENUM, [*_class_name(value), value._name_, content]


_PLAIN = (int, float, complex, str, bytes, tuple, frozenset, type(None))


def _named_tuple(value: Any) -> Reduced:
    names = list(item_names(type(value)) or ())
    # Results of scipy have more attributes than items.
    more = {
        name: part
        for name, part in getattr(value, "__dict__", {}).items()
        if not name.startswith("_") and name not in names
    }
    return tags.NAMEDTUPLE, [*_class_name(value), [*names, *more], [*value, *more.values()]]


def _structure(value: Any) -> Reduced:
    """A structure of the operating system: items, some without a name, and more attributes."""
    _, (items, more) = value.__reduce__()
    named = getattr(type(value), "__match_args__", ())
    names = [*named, *(str(index) for index in range(len(named), len(items)))]
    return tags.NAMEDTUPLE, [*_class_name(value), [*names, *more], [*items, *more.values()]]


def _refuse_container(value: Any) -> NoReturn:
    kind = type(value)
    base = next(base for base in _CONTAINERS if isinstance(value, base))
    raise NotConvertible(
        f"a {kind.__module__}.{kind.__qualname__} is a dataclass and a {base.__name__} at once, "
        f"and would lose one of them; return {base.__name__}(value), or ask for a type of yours"
    )


def field_names(kind: Any) -> list[str]:
    """The names of the fields of a dataclass."""
    return [
        name
        for name, field in kind.__dataclass_fields__.items()
        if field._field_type.name == "_FIELD"
    ]


def _dataclass(value: Any) -> Reduced:
    names = field_names(type(value))
    fields = {name: getattr(value, name) for name in names if hasattr(value, name)}
    return tags.DATACLASS, [*_class_name(value), fields]


def _find_class(module: str, qualified_name: str) -> Any:
    found: Any = sys.modules.get(module)
    if found is None:
        raise NotConvertible(
            f"the class {qualified_name!r} is unknown: no module {module!r} has been imported"
        )
    for name in qualified_name.split("."):
        found = getattr(found, name, None)
    # Where it was defined, not another module that leads to it.
    if not isinstance(found, type) or found.__module__ != module:
        raise NotConvertible(
            f"{module}.{qualified_name} is no class that can be found by its name; pass a dict or "
            "a list instead"
        )
    return found


def _restore_enum(content: Any) -> object:
    module, name, member, value = content
    kind = _find_class(module, name)
    if not issubclass(kind, sys.modules["enum"].Enum):
        raise NotConvertible(f"{module}.{name} is no enumeration")
    # Combinations of flags have no name of their own.
    return kind.__members__[member] if member in kind.__members__ else kind(value)


def _restore_named_tuple(content: Any) -> object:
    module, name, names, values = content
    kind = _find_class(module, name)
    if issubclass(kind, tuple) and hasattr(kind, "n_sequence_fields"):
        return kind(values)
    known = list(item_names(kind) or ())
    if not issubclass(kind, tuple) or names[: len(known)] != known or len(names) != len(values):
        raise NotConvertible(f"{module}.{name} is no named tuple of {names}")
    items, more = values[: len(known)], dict(zip(names, values, strict=True))
    for field in known:
        del more[field]
    return kind(*items, **more) if more or not hasattr(kind, "_make") else kind._make(items)


def _restore_dataclass(content: Any) -> object:
    module, name, fields = content
    kind = _find_class(module, name)
    known = getattr(kind, "__dataclass_fields__", {})
    if not known and not fields:
        raise NotConvertible(f"{module}.{name} is no dataclass")
    if unknown := [field for field in fields if field not in known]:
        raise NotConvertible(f"{module}.{name} is no dataclass with the fields {unknown}")
    # As pickle does: the fields are the state, and __init__ has had its say already.
    instance = kind.__new__(kind)
    for field, value in fields.items():
        object.__setattr__(instance, field, value)
    return instance


RESTORERS: dict[int, Callable[[Any], object]] = {
    tags.ENUM: _restore_enum,
    tags.NAMEDTUPLE: _restore_named_tuple,
    tags.DATACLASS: _restore_dataclass,
    tags.NAMESPACE: lambda content: SimpleNamespace(**content[0]),
}
