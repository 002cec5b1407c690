"""Runs a class statement again, so that the class that it made before becomes what it says now.

The class stays the same object: its instances run the new methods, and `isinstance` holds.
"""

from __future__ import annotations

import abc
import types
from types import FunctionType, MemberDescriptorType

from pyproxy_runtime.reloading.patching import adopt_function

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MISSING = object()
# What a class has that no statement of its body gives it.
_OWN_ATTRIBUTES = {"__dict__", "__weakref__", "__abstractmethods__", "_abc_impl"}
_MADE_STATIC = {"__new__"}
_MADE_CLASS_METHODS = {"__init_subclass__", "__class_getitem__"}


class ClassBuilder:
    """Stands for `builtins.__build_class__` while modules are loaded again."""

    def __init__(
        self,
        original: Callable[..., Any],
        find_old: Callable[[FunctionType], type | None],
        undo: list[Callable[[], None]],
    ) -> None:
        """`find_old` gives the class that a class statement has made before."""
        self._original = original
        self._find_old = find_old
        self._undo = undo

    def __call__(self, func: Any, name: str, /, *bases: Any, **keywords: Any) -> Any:
        old = self._find_old(func)
        if old is None:
            return self._original(func, name, *bases, **keywords)
        resolved = types.resolve_bases(bases)
        kind, namespace, keywords = types.prepare_class(name, resolved, keywords)
        # The body of a class is code without variables of its own: it runs in the namespace.
        exec(func.__code__, func.__globals__, namespace, closure=func.__closure__)
        if resolved is not bases:
            namespace["__orig_bases__"] = bases
        cell = namespace.get("__classcell__")
        if type(old) is kind and kind in (type, abc.ABCMeta):
            plain = dict(namespace)
            if self._fits(old, resolved, plain.get("__slots__", _MISSING)):
                self._become(old, plain, keywords)
                return old
        new = kind(name, resolved, namespace, **keywords)
        if self._replaces(old, new):
            self._become_like(old, new)
            if cell is not None:
                cell.cell_contents = old
            return old
        return new

    def settle(self, old: Any, new: Any) -> Any:
        """The class that stays of two, of which a decorator has made the new one."""
        if isinstance(new, type) and self._replaces(old, new):
            self._become_like(old, new)
            return old
        return new

    # What can stay

    def _fits(self, old: type, bases: tuple[Any, ...], slots: object) -> bool:
        if old.__dict__.get("__slots__", _MISSING) != slots:
            return False
        if old.__bases__ == bases:
            return True
        before = old.__bases__
        try:
            old.__bases__ = bases
        except TypeError:
            # Instances would need another layout.
            return False

        def undo() -> None:
            old.__bases__ = before

        self._undo.append(undo)
        return True

    def _replaces(self, old: Any, new: Any) -> bool:
        """Whether the instances of the old class are what those of the new one would be."""
        if type(old) is not type(new) or old.__bases__ != new.__bases__:
            return False
        members = getattr(new, "__members__", None)
        if members is not None:
            return [(name, member.value) for name, member in members.items()] == [
                (name, member.value) for name, member in old.__members__.items()
            ]
        if type(new) not in (type, abc.ABCMeta):
            # Whoever made the class may have registered it.
            return False
        return all(
            old.__dict__.get(name, _MISSING) == new.__dict__.get(name, _MISSING)
            for name in ("__slots__", "_fields")
        )

    # What changes

    def _become(self, old: Any, namespace: dict[str, Any], keywords: dict[str, Any]) -> None:
        cell = namespace.pop("__classcell__", None)
        names = namespace.pop("__classdictcell__", None)
        # As `type` itself does it.
        namespace.setdefault("__doc__", None)
        if "__eq__" in namespace:
            namespace.setdefault("__hash__", None)
        for name, wrap in (
            *((name, staticmethod) for name in _MADE_STATIC),
            *((name, classmethod) for name in _MADE_CLASS_METHODS),
        ):
            if isinstance(namespace.get(name), FunctionType):
                namespace[name] = wrap(namespace[name])
        self._set_all(old, namespace)
        if cell is not None:
            cell.cell_contents = old
        if names is not None:
            names.cell_contents = namespace
        for name, value in namespace.items():
            tell = getattr(type(value), "__set_name__", None)
            if tell is not None:
                tell(value, old, name)
        super(old, old).__init_subclass__(**keywords)
        abc.update_abstractmethods(old)

    def _become_like(self, old: Any, new: type) -> None:
        members = getattr(new, "__members__", ())
        namespace = {
            name: value
            for name, value in new.__dict__.items()
            if name not in _OWN_ATTRIBUTES
            and not isinstance(value, MemberDescriptorType)
            # What an enumeration has besides methods is made of its members.
            and (not members or (name not in members and _is_method(value, new)))
        }
        for value in namespace.values():
            _belong_to(old, value)
        self._set_all(old, namespace, removes=not members)
        abc.update_abstractmethods(old)

    def _set_all(self, old: Any, namespace: dict[str, Any], removes: bool = True) -> None:
        before = dict(old.__dict__)

        def undo() -> None:
            for name in set(old.__dict__) - set(before):
                type.__delattr__(old, name)
            for name, value in before.items():
                if old.__dict__.get(name, _MISSING) is not value:
                    type.__setattr__(old, name, value)

        self._undo.append(undo)
        if removes:
            for name, value in before.items():
                if (
                    name not in namespace
                    and name not in _OWN_ATTRIBUTES
                    and not isinstance(value, MemberDescriptorType)
                ):
                    type.__delattr__(old, name)
        for name, value in namespace.items():
            adopted = adopt_function(before.get(name), value)
            if adopted is not None:
                value, undo_function = adopted
                self._undo.append(undo_function)
            type.__setattr__(old, name, value)


def _is_method(value: Any, owner: type) -> bool:
    if isinstance(value, property):
        return True
    inner = getattr(value, "__func__", value)
    return isinstance(inner, FunctionType) and inner.__module__ == owner.__module__


def _belong_to(old: type, value: Any) -> None:
    """Lets `super()` in a method mean the old class."""
    inner = getattr(value, "__func__", value)
    if isinstance(inner, FunctionType) and inner.__closure__:
        for name, cell in zip(inner.__code__.co_freevars, inner.__closure__, strict=True):
            if name == "__class__":
                cell.cell_contents = old
