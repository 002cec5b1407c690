"""Values as a client wants them, made of objects that are something else.

Each function returns None for a value that is to be sent as it is: because the native code and the
client know what to do with it, or because it does not offer the protocol. The client then says what
it expected. Objects are asked for protocols, not for the packages that they come from.
"""

from __future__ import annotations

import importlib
import sys
from _collections_abc import Mapping, Set
from _operator import index
from itertools import islice
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

from pyproxy_runtime.errors import NotConvertible
from pyproxy_runtime.values import arrays, builtin_values, compas_values, pandas_values, records
from pyproxy_runtime.values.arrays import imported_numpy

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from pyproxy_runtime.values.registry import Values

# As in `ValueSchema.swift`.
BOOLEAN, INTEGER, FLOAT, COMPLEX, BYTES, ARRAY = range(1, 7)
LIST, MAPPING, TUPLE, RECORD = range(8, 12)
TEXT = 14

MAXIMUM_ITEMS = 10_000_000
_TEXTS = (str, bytes, bytearray, memoryview)
_NUMBERS = (int, float, complex)
# What tables have, and arrays that can be made tables do not.
_TABLE = ("columns", "to_pydict", "to_dicts", "__dataframe__")
_CODE = (ModuleType, type, FunctionType, BuiltinFunctionType, MethodType)


def convert(
    values: Values, kind: int, value: Any, names: Iterable[str], is_limited: bool
) -> object:
    """A value of a kind, or None.

    `names` are fields of a record that the client knows of. Where `is_limited`, only what a class
    declares as its fields is sent of an object. Rows of a table are its columns in a dict.
    """
    if value is None:
        return None
    if kind == ARRAY:
        return _array(value)
    if kind in (MAPPING, RECORD):
        return _entries(values, value, names, is_limited)
    if isinstance(value, _CODE):
        return None
    if kind in (LIST, TUPLE):
        return _items(values, value, names)
    if kind == BYTES:
        return _bytes(value)
    if kind == TEXT:
        return _text(values, value)
    return _number(values, kind, value)


# Lists


def _items(values: Values, value: Any, names: Iterable[str]) -> object:
    if isinstance(value, (*_TEXTS, dict)):
        return None
    if _is_pandas(value):
        return _pandas_items(value, names)
    if (rows := _rows(value, names)) is not None:
        return rows
    if isinstance(value, (set, frozenset)):
        return _sorted(value)
    # Some sets of keys are mappings, too: the nodes of a graph. What only looks like a mapping may
    # be an element with others inside, or a row.
    if isinstance(value, Mapping) and not isinstance(value, Set):
        return None
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return _array_items(value, numpy)
    if isinstance(value, (tuple, range)):
        return _limited(value)
    if _is_tagged(value):
        plain = values.plain(value)
        return plain[0] if plain and isinstance(plain[0], (list, tuple)) else None
    if _offers_array(value):
        array = _array(value, refuses=False)
        return list(value) if array is None else array
    return _limited(value)


def _pandas_items(value: Any, names: Iterable[str]) -> object:
    """What a list of a value of pandas consists of; of a DataFrame the columns of its rows."""
    pandas = sys.modules["pandas"]
    if isinstance(value, pandas.DataFrame):
        return pandas_values.columns(value, names)
    if isinstance(value, pandas.MultiIndex):
        return list(value)
    if isinstance(value, (pandas.Series, pandas.Index)):
        return pandas_values.column(value)
    if isinstance(value, pandas.api.extensions.ExtensionArray):
        return pandas_values.column(pandas.Series(value))
    return None


def _array_items(value: Any, numpy: Any) -> object:
    if isinstance(value, numpy.ma.MaskedArray):
        return value.tolist()
    plain = _plain_array(value, numpy)
    # An array of objects is a list of them.
    if plain is not None and (plain.dtype.hasobject or plain.dtype.kind == "T"):
        return list(plain)
    return None if plain is value else plain


def _limited(value: Any) -> list[Any] | None:
    try:
        iterator = iter(value)
    except TypeError:
        return None
    items = list(islice(iterator, MAXIMUM_ITEMS + 1))
    if len(items) > MAXIMUM_ITEMS:
        raise NotConvertible(
            f"{_name(value)} has more than {MAXIMUM_ITEMS:,} items, which is the most that a list "
            "is made of; take fewer of them, with itertools.islice() for example"
        )
    return items


def _sorted(value: set[Any] | frozenset[Any]) -> list[Any]:
    """The elements in an order that does not depend on the run, if they have one."""
    try:
        return sorted(value)
    except TypeError:
        return list(value)


def _rows(value: Any, names: Iterable[str]) -> object:
    """The rows of a table that offers Arrow or the interchange protocol: columns, or dicts."""
    kind = type(value)
    if not (hasattr(kind, "__arrow_c_stream__") or hasattr(kind, "__dataframe__")):
        return None
    # An array with names for its axes is a table only if rows are wanted.
    if not names and _offers_array(value) and not any(hasattr(kind, name) for name in _TABLE):
        return None
    for name in ("to_pydict", "to_dicts"):
        if method := getattr(kind, name, None):
            return method(value)
    if hasattr(kind, "__dataframe__") and (pandas := _installed("pandas")):
        return pandas_values.columns(pandas.api.interchange.from_dataframe(value), names)
    if hasattr(kind, "__arrow_c_stream__") and (arrow := _installed("pyarrow")):
        try:
            return arrow.table(value).to_pydict()
        except (TypeError, ValueError):
            # One column, which is a list.
            return None
    return None


def _installed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


# Mappings and records


def _entries(values: Values, value: Any, names: Iterable[str], is_limited: bool) -> object:
    if isinstance(value, (*_TEXTS, *_CODE, *_NUMBERS, list)):
        return None
    if isinstance(value, dict):
        return dict(value)
    if _is_enum(value):
        return None
    if _is_pandas(value):
        pandas = sys.modules["pandas"]
        if isinstance(value, pandas.DataFrame):
            return pandas_values.columns(value, names)
        return pandas_values.entries(value) if isinstance(value, pandas.Series) else None
    if records.reducer(type(value)) is None and _is_tagged(value):
        plain = values.plain(value)
        return plain[0] if plain and isinstance(plain[0], dict) else None
    if _is_mapping(value):
        return {key: value[key] for key in value.keys()}  # noqa: SIM118
    # A row of SQLAlchemy.
    row: Any = getattr(value, "_mapping", None)
    if row is not None and not isinstance(value, tuple) and _is_mapping(row):
        return dict(row)
    declared = _declared(value)
    if declared is None:
        if is_limited or isinstance(value, (tuple, set, frozenset)):
            return None
        found = _attributes(value)
        if not found and not any(hasattr(type(value), name) for name in names):
            return None
    else:
        found = {name: getattr(value, name) for name in declared if hasattr(value, name)}
    for name in () if is_limited else names:
        # Properties, and what named tuples have besides their items.
        if name not in found and not name.startswith("_"):
            part = getattr(value, name, None)
            if part is not None and not isinstance(part, _CODE):
                found[name] = part
    return found


def _declared(value: Any) -> list[str] | None:
    """The names of the fields that a class declares."""
    kind = type(value)
    if isinstance(value, tuple):
        if (items := records.item_names(kind)) is not None:
            return list(items)
        if hasattr(kind, "n_sequence_fields"):
            # A structure of the operating system, as os.stat() returns.
            return [
                name
                for name in dir(kind)
                if not name.startswith(("_", "n_")) and name not in _TUPLE
            ]
        return None
    if "__dataclass_fields__" in dir(kind):
        return records.field_names(kind)
    if isinstance(attributes := getattr(kind, "__attrs_attrs__", None), tuple):
        return [attribute.name for attribute in attributes]
    # msgspec, pydantic.
    for name in ("__struct_fields__", "model_fields", "__pydantic_fields__"):
        fields = getattr(kind, name, None)
        if isinstance(fields, (tuple, dict)):
            return [field for field in fields if isinstance(field, str)]
    return None


_TUPLE = frozenset(dir(tuple))


def _attributes(value: Any) -> dict[str, object]:
    """The public attributes of an instance that are data."""
    names = list(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    return {
        name: part
        for name in names
        if isinstance(name, str)
        and not name.startswith("_")
        and hasattr(value, name)
        and not isinstance(part := getattr(value, name), _CODE)
    }


def _is_mapping(value: Any) -> bool:
    kind = type(value)
    return hasattr(kind, "keys") and hasattr(kind, "__getitem__") and not isinstance(value, type)


# Arrays and bytes


def _offers_array(value: Any) -> bool:
    kind = type(value)
    names = ("__dlpack__", "__array__", "__array_interface__")
    return any(hasattr(kind, name) for name in names) or _has_buffer(value)


def _has_buffer(value: Any) -> bool:
    if isinstance(value, _TEXTS):
        return False
    try:
        memoryview(value).release()
    except TypeError:
        return False
    return True


def _array(value: Any, refuses: bool = True) -> object:
    """A numpy array of what an object exports, without a copy where that can be."""
    if isinstance(value, (*_TEXTS, *_CODE, *_NUMBERS, list, tuple, dict)):
        return None
    if _is_pandas(value):
        return _pandas_array(value)
    if not _offers_array(value):
        return None
    numpy = imported_numpy()
    if isinstance(value, numpy.generic):
        return None
    if isinstance(value, numpy.ndarray):
        plain = _plain_array(value, numpy)
        return None if plain is value else plain
    if _has_unit(value):
        return None
    array = _exported(value, numpy)
    if array.dtype.hasobject:
        if not refuses:
            return None
        raise NotConvertible(
            f"{_name(value)} has elements that are objects; convert them to numbers or text first"
        )
    return array


def _plain_array(array: Any, numpy: Any) -> Any:
    """The array itself, or the elements of a subclass; None if they alone would mean more."""
    if type(array) is numpy.ndarray:
        return array
    if isinstance(array, numpy.ma.MaskedArray) or _has_unit(array):
        return None
    return numpy.asarray(array)


def _has_unit(value: Any) -> bool:
    return hasattr(value, "unit") or hasattr(value, "units")


def _pandas_array(value: Any) -> object:
    """The values of a column, or of a table whose columns are all of one kind of number."""
    pandas, numpy = sys.modules["pandas"], sys.modules["numpy"]
    if isinstance(value, pandas.DataFrame):
        kinds = set(value.dtypes)
        is_one = len(kinds) == 1 and isinstance(next(iter(kinds)), numpy.dtype)
        array = value.to_numpy() if is_one else None
    elif isinstance(value, pandas.api.extensions.ExtensionArray):
        array = pandas_values.column(pandas.Series(value))
    elif isinstance(value, (pandas.Series, pandas.Index)) and not isinstance(
        value, pandas.MultiIndex
    ):
        array = pandas_values.column(value)
    else:
        array = None
    return array if isinstance(array, numpy.ndarray) and not array.dtype.hasobject else None


def _exported(value: Any, numpy: Any) -> Any:
    if hasattr(value, "__dlpack__"):
        try:
            return numpy.from_dlpack(value)
        # Elements that DLPack does not have, memory of another device, gradients.
        except (AttributeError, BufferError, RuntimeError, TypeError, ValueError):
            if not hasattr(value, "__array__"):
                raise
    return numpy.asarray(value)


def _bytes(value: Any) -> object:
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, _TEXTS) or not _has_buffer(value):
        return None
    return memoryview(value).tobytes()


# Texts and numbers


def _text(values: Values, value: Any) -> object:
    if isinstance(value, str) and not _is_enum(value):
        return str.__str__(value)
    plain = values.plain(value) if _is_tagged(value) else None
    return plain[0] if plain and isinstance(plain[0], str) else None


def _number(values: Values, kind: int, value: Any) -> object:
    if _is_enum(value):
        member = value._value_
        return member if isinstance(member, _NUMBERS) else None
    if type(value).__module__ in ("decimal", "fractions"):
        return _as_number(kind, value)
    if isinstance(value, (*_TEXTS, *_NUMBERS, list, tuple, dict)) or _is_tagged(value):
        if _is_pandas(value):
            plain = values.plain(value)
            return plain[0] if plain else None
        return None
    return _as_number(kind, value)


def _as_number(kind: int, value: Any) -> object:
    kinds = type(value)
    if hasattr(kinds, "item") and hasattr(value, "dtype"):
        # A tensor without dimensions; of others it raises an exception that says so.
        return value.item()
    if kind == INTEGER and hasattr(kinds, "__index__"):
        return index(value)
    if kind in (INTEGER, FLOAT) and hasattr(kinds, "__float__"):
        return float(value)
    if kind == COMPLEX and hasattr(kinds, "__complex__"):
        return complex(value)
    if kind == COMPLEX and hasattr(kinds, "__float__"):
        return float(value)
    return None


def _is_enum(value: Any) -> bool:
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(value, enum.Enum)


def _is_tagged(value: Any) -> bool:
    """Whether a value crosses as a tag, and is known by more than the protocols that it offers."""
    kind = type(value)
    return any(
        module.reducer(kind) is not None
        for module in (builtin_values, compas_values, records, arrays, pandas_values)
    )


def _is_pandas(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas"


def _name(value: Any) -> str:
    kind = type(value)
    return f"a {kind.__module__}.{kind.__qualname__}"
