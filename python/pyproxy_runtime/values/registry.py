"""Values that are neither built-in containers nor arrays of numbers: as a tag and its content.

`Values.reduce` and `Values.restore` are each other's inverse. The content consists of values that
the native code writes, or that are reduced in turn. Libraries are looked up only where the
environment has imported them, except that what a client sends may need its library.
"""

from __future__ import annotations

from pyproxy_runtime.calls.exposure import Exposure
from pyproxy_runtime.errors import NotConvertible
from pyproxy_runtime.values import tags

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any
    from weakref import WeakKeyDictionary

    Reducer = Callable[[Any], "tuple[int, object] | None"]
    Restorer = Callable[[Any], object]


class Values:
    """Finds the way to convert a value by its type, and remembers it."""

    def __init__(self, exposure: Exposure | None = None) -> None:
        self._exposure = exposure or Exposure(())
        self._reducers: WeakKeyDictionary[type, Reducer] | None = None
        self._restorers: dict[int, Restorer] = {}

    def reduce(self, value: object) -> tuple[int, object] | None:
        """The tag and content of a value; None if it crosses as what its type inherits from.

        Raises NotConvertible for a value that is, but cannot cross.
        """
        kind = type(value)
        if self._reducers is None:
            self._reducers = self._learn()
        reducer = self._reducers.get(kind)
        if reducer is None:
            reducer = self._reducers[kind] = _find_reducer(kind)
        return reducer(value)

    def restore(self, tag: int, content: object) -> object:
        """The value that a tag and its content stand for, or NotConvertible."""
        if self._reducers is None:
            self._reducers = self._learn()
        restorer = self._restorers.get(tag)
        if restorer is None:
            raise NotConvertible(f"tag {tag} has no meaning here")
        if self._exposure.is_limited:
            self._check(tag, content)
        try:
            return restorer(content)
        except NotConvertible:
            raise
        except Exception as error:
            raise NotConvertible(
                f"the content of tag {tag} makes no value: {type(error).__name__}: {error}"
            ) from error

    def convert(self, kind: int, value: object, names: list[str]) -> object:
        """The value as what a client wants; None if it is to be sent as it is."""
        from pyproxy_runtime.values import wanted

        return wanted.convert(self, kind, value, names, self._exposure.is_limited)

    def describe(self, value: object, tag: int, content: object, length: int) -> object:
        """What is said of a value besides its tag and content."""
        from pyproxy_runtime.values import descriptions

        return descriptions.describe(value, tag, content, length)

    def place(self, tag: int, content: object, steps: list[str]) -> list[str]:
        """The steps from a value to one of its parts as users write them."""
        from pyproxy_runtime.values import descriptions

        return descriptions.place(tag, content, steps)

    def plain(self, value: object) -> tuple[object] | None:
        """The plain form of a value that crosses as a tag, in a tuple; None if it has none."""
        from pyproxy_runtime.values import descriptions

        reduced = self.reduce(value)
        if reduced is None:
            return None
        tag, content = reduced
        return (content,) if tag == tags.NONE else descriptions.plain(value, tag, content)

    def _learn(self) -> WeakKeyDictionary[type, Reducer]:
        """Imports the modules that know the types: not before a value needs them."""
        from pyproxy_runtime.standard_library import standard
        from pyproxy_runtime.values import (
            arrays,
            builtin_values,
            compas_values,
            pandas_values,
            records,
        )

        self._restorers = {
            **builtin_values.RESTORERS,
            **records.RESTORERS,
            **arrays.RESTORERS,
            **pandas_values.RESTORERS,
            **compas_values.RESTORERS,
        }
        return standard("weakref").WeakKeyDictionary()  # type: ignore[no-any-return]

    def _check(self, tag: int, content: Any) -> None:
        """Classes that a client names are those of the exposed packages."""
        if tag not in (tags.ENUM, tags.NAMEDTUPLE, tags.DATACLASS, tags.COMPAS):
            return
        if not isinstance(content, list) or not content or not isinstance(content[0], str):
            raise NotConvertible(f"the content of tag {tag} makes no value: it names no class")
        module = content[0].partition("/")[0]
        if not self._exposure.includes(module):
            raise NotConvertible(
                f"this server does not make instances of classes from {module}, which it does not "
                "expose; pass a dict or a list instead"
            )


def _no_reducer(_value: object) -> None:
    return None


def _find_reducer(kind: type) -> Reducer:
    from pyproxy_runtime.values import arrays, builtin_values, compas_values, pandas_values, records

    return (
        builtin_values.reducer(kind)
        # Before the others: classes of COMPAS may be dataclasses or named tuples as well.
        or compas_values.reducer(kind)
        or records.reducer(kind)
        or arrays.reducer(kind)
        or pandas_values.reducer(kind)
        or builtin_values.base_reducer(kind)
        or _no_reducer
    )
