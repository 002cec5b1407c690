"""Objects of COMPAS, of its versions 1 and 2: what its own serialisation keeps of them."""

from __future__ import annotations

import importlib
import sys

from pyproxy_runtime.errors import NotConvertible
from pyproxy_runtime.values import tags

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def reducer(kind: type) -> Callable[[Any], tuple[int, object] | None] | None:
    base = getattr(sys.modules.get("compas.data"), "Data", None)
    return _data if isinstance(base, type) and issubclass(kind, base) else None


def _data(value: Any) -> tuple[int, object]:
    """[dtype, guid, name, data]; the name is None unless one was given."""
    is_version_2 = hasattr(type(value), "__data__")
    dtype = value.__dtype__ if is_version_2 else value.dtype
    data = value.__data__ if is_version_2 else value.data
    return tags.COMPAS, [dtype, str(value.guid), getattr(value, "_name", None), data]


def restore(content: Any) -> object:
    dtype, guid, name, data = content
    try:
        base = importlib.import_module("compas.data").Data
    except ModuleNotFoundError:
        raise NotConvertible(
            "an object of COMPAS needs compas, which is not installed in the server's environment"
        ) from None
    kind = _class(dtype)
    if not isinstance(kind, type) or not issubclass(kind, base):
        raise NotConvertible(f"{dtype!r} is no data type of COMPAS")
    make = kind.__from_data__ if hasattr(kind, "__from_data__") else kind.from_data  # type: ignore[attr-defined]
    made = make(data)
    if guid is not None:
        made._guid = importlib.import_module("uuid").UUID(guid)
    if name is not None:
        made.name = name
    return made


def _class(dtype: str) -> object:
    try:
        return importlib.import_module("compas.data.encoders").cls_from_dtype(dtype)
    except (ImportError, AttributeError, ValueError) as error:
        raise NotConvertible(f"the data type {dtype!r} of COMPAS is not found: {error}") from None


RESTORERS: dict[int, Callable[[Any], object]] = {tags.COMPAS: restore}
