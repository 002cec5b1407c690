"""Gives functions new code in place, so that whoever holds them runs it."""

from __future__ import annotations

from types import CodeType, FunctionType, ModuleType

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_OPTIMIZED = 0x1
_HAS_DOCUMENTATION = 0x4000000


def pair_functions(old: CodeType, new: CodeType) -> dict[CodeType, CodeType] | None:
    """The code of each function of a module, and that of its successor.

    `old` and `new` are the code of two modules that differ in the bodies of functions only; None if
    that does not hold, or if a function uses other variables of its surroundings than before.
    """
    pairs = _Pairs()
    return pairs.codes if pairs.add(old, new) else None


class _Pairs:
    def __init__(self) -> None:
        # Code objects that look the same are equal: two functions may share one.
        self.codes: dict[CodeType, CodeType] = {}

    def add(self, old: CodeType, new: CodeType) -> bool:
        olds = [const for const in old.co_consts if isinstance(const, CodeType)]
        news = [const for const in new.co_consts if isinstance(const, CodeType)]
        if len(olds) != len(news):
            return False
        for one, other in zip(olds, news, strict=True):
            if one.co_name != other.co_name or one.co_freevars != other.co_freevars:
                return False
            if one.co_flags & _OPTIMIZED and not one.co_name.startswith("<generic parameters"):
                if self.codes.setdefault(one, other) != other:
                    return False
            # The body of a class, or what makes a generic function.
            elif not self.add(one, other):
                return False
        return True


def functions_of(module: ModuleType) -> Iterator[FunctionType]:
    """The functions that a module has defined, and the methods of its classes."""
    seen: set[int] = set()

    def inside(namespace: Any) -> Iterator[FunctionType]:
        for value in list(namespace.values()):
            for function in _functions(value):
                if function.__globals__ is module.__dict__:
                    yield function
            if (
                isinstance(value, type)
                and value.__module__ == module.__name__
                and id(value) not in seen
            ):
                seen.add(id(value))
                yield from inside(vars(value))

    return inside(vars(module))


def _functions(value: Any) -> list[FunctionType]:
    if isinstance(value, FunctionType):
        return [value]
    if isinstance(value, staticmethod | classmethod):
        return _functions(value.__func__)
    if isinstance(value, property):
        parts = (value.fget, value.fset, value.fdel)
        return [function for part in parts if part for function in _functions(part)]
    return []


def replace_code(function: FunctionType, code: CodeType) -> Callable[[], None]:
    """Gives a function new code, and returns what takes that back."""
    before = function.__code__, function.__doc__

    def undo() -> None:
        function.__code__, function.__doc__ = before

    function.__code__ = code
    function.__doc__ = _documentation(code)
    return undo


def _documentation(code: CodeType) -> str | None:
    import sys

    first = code.co_consts[0] if code.co_consts else None
    if sys.version_info >= (3, 13) and not code.co_flags & _HAS_DOCUMENTATION:
        return None
    return first if isinstance(first, str) else None


_DETAILS = ("__code__", "__defaults__", "__kwdefaults__", "__annotations__", "__doc__", "__dict__")


def adopt_function(old: object, new: object) -> tuple[FunctionType, Callable[[], None]] | None:
    """Makes an old function what a new one is; None if the old one cannot become that.

    Returns the old function and what takes the change back.
    """
    if not (isinstance(old, FunctionType) and isinstance(new, FunctionType)) or old is new:
        return None
    if old.__globals__ is not new.__globals__ or old.__qualname__ != new.__qualname__:
        return None
    free = new.__code__.co_freevars
    # The class that a method belongs to stays the same. Other variables are those of some call.
    if old.__code__.co_freevars != free or free not in ((), ("__class__",)):
        return None
    before = {name: getattr(old, name) for name in _DETAILS}

    def undo() -> None:
        for name, value in before.items():
            setattr(old, name, value)

    for name in _DETAILS:
        setattr(old, name, getattr(new, name))
    return old, undo
