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
    from typing import Any

Reduced = tuple[int, object]


def reducer(kind: type) -> Callable[[Any], Reduced | None] | None:
    enum = sys.modules.get("enum")
    if enum is not None and issubclass(kind, enum.Enum):
        return _enum
    if kind is SimpleNamespace:
        return lambda value: (tags.NAMESPACE, [dict(vars(value))])
    if issubclass(kind, tuple) and _names(kind) is not None:
        return _named_tuple
    if "__dataclass_fields__" in dir(kind):
        return _dataclass
    return None


def _names(kind: Any) -> tuple[str, ...] | None:
    names = getattr(kind, "_fields", None)
    if isinstance(names, tuple) and all(isinstance(name, str) for name in names):
        return names
    return None


def _class_name(value: object) -> list[object]:
    kind = type(value)
    return [kind.__module__, kind.__qualname__]


def _enum(value: Any) -> Reduced:
    # The built-in type that the enumeration is made of, not a member of it again.
    return tags.ENUM, [*_class_name(value), value._name_, value._value_]


def _named_tuple(value: Any) -> Reduced:
    return tags.NAMEDTUPLE, [*_class_name(value), list(_names(type(value)) or ()), list(value)]


def _dataclass(value: Any) -> Reduced:
    names = [
        name
        for name, field in value.__dataclass_fields__.items()
        if field._field_type.name == "_FIELD"
    ]
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
    module, name, _, value = content
    kind = _find_class(module, name)
    if not issubclass(kind, sys.modules["enum"].Enum):
        raise NotConvertible(f"{module}.{name} is no enumeration")
    return kind(value)


def _restore_named_tuple(content: Any) -> object:
    module, name, names, values = content
    kind = _find_class(module, name)
    if not issubclass(kind, tuple) or list(_names(kind) or ()) != names:
        raise NotConvertible(f"{module}.{name} is no named tuple of {names}")
    return kind._make(values)


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
