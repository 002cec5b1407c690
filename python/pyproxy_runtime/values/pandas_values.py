"""Objects of pandas: [kind, part, …].

Columns are numpy arrays where pandas has them as such. The rest keeps its dtype by name.
"""

from __future__ import annotations

import importlib
import sys

from pyproxy_runtime.errors import NotConvertible
from pyproxy_runtime.values import tags
from pyproxy_runtime.values.builtin_values import restore_zone, zone

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

Reduced = tuple[int, object]


def reducer(kind: type) -> Callable[[Any], Reduced | None] | None:
    pandas: Any = sys.modules.get("pandas")
    # Not while pandas itself is still being imported.
    if not hasattr(pandas, "DataFrame") or not hasattr(pandas, "api"):
        return None
    known = {
        pandas.DataFrame: _data_frame,
        pandas.Series: _series,
        pandas.RangeIndex: _range_index,
        pandas.MultiIndex: _multi_index,
        pandas.Categorical: _categorical,
        pandas.Timestamp: _timestamp,
        pandas.Timedelta: _timedelta,
        type(pandas.NaT): lambda _: (tags.PANDAS, ["NaT"]),
        type(pandas.NA): lambda _: (tags.PANDAS, ["NA"]),
        pandas.Interval: _interval,
        pandas.Period: lambda value: (tags.PANDAS, ["Period", value.freqstr, value.ordinal]),
    }
    if found := known.get(kind):
        return found
    if issubclass(kind, pandas.Index):
        return _index
    if issubclass(kind, pandas.api.extensions.ExtensionArray):
        return _extension_array
    if issubclass(kind, pandas.api.extensions.ExtensionDtype):
        return _dtype
    if issubclass(kind, pandas.tseries.offsets.BaseOffset):
        return _offset
    return None


# Columns


def _values(owner: Any) -> object:
    """The values of a Series or Index: a numpy array, a list of objects or an extension array."""
    numpy = sys.modules["numpy"]
    array = owner.array
    if type(array).__name__ in ("NumpyExtensionArray", "PandasArray"):
        plain = array.to_numpy()
        return plain.tolist() if plain.dtype.hasobject else plain
    if isinstance(owner.dtype, numpy.dtype) and owner.dtype.kind in "mM":
        return numpy.asarray(array)
    return array


def _categorical(value: Any) -> Reduced:
    return tags.PANDAS, ["Categorical", value.codes, value.categories, bool(value.ordered)]


def _extension_array(value: Any) -> Reduced:
    pandas, numpy = sys.modules["pandas"], sys.modules["numpy"]
    if type(value).__name__ == "NumpyExtensionArray":
        return tags.PANDAS, ["Array", None, value.to_numpy()]
    if isinstance(value.dtype, pandas.DatetimeTZDtype):
        naive = numpy.asarray(value.tz_convert("UTC").tz_localize(None))
        return tags.PANDAS, ["DatetimeTZ", naive, zone(value.tz, None)]
    if isinstance(value.dtype, _masked_dtypes(pandas)):
        return tags.PANDAS, [
            "Masked",
            str(value.dtype),
            value.to_numpy(value.dtype.numpy_dtype, na_value=0),
            value.isna(),
        ]
    if isinstance(value.dtype, pandas.IntervalDtype):
        return tags.PANDAS, ["Intervals", value.closed, value.left, value.right]
    if isinstance(value.dtype, pandas.PeriodDtype):
        return tags.PANDAS, ["Periods", value.freqstr, value.asi8]
    if isinstance(value.dtype, pandas.StringDtype):
        storage, missing = value.dtype.storage, value.dtype.na_value is pandas.NA
        return tags.PANDAS, ["Strings", storage, missing, _objects(value)]
    if _is_arrow(value):
        return tags.PANDAS, ["Arrow", _arrow_stream(value)]
    return tags.PANDAS, ["Array", str(value.dtype), _objects(value)]


def _objects(value: Any) -> list[object]:
    """The elements as objects, with None for missing ones."""
    return [None if gone else item for item, gone in zip(value, value.isna(), strict=True)]


def _is_arrow(value: Any) -> bool:
    arrow = getattr(sys.modules["pandas"], "ArrowDtype", None)
    return arrow is not None and isinstance(value.dtype, arrow)


def _arrow_stream(value: Any) -> bytes:
    """The array in Arrow's own format, which keeps every type that Arrow has."""
    arrow = importlib.import_module("pyarrow")
    table = arrow.table({"": value.__arrow_array__()})
    sink = arrow.BufferOutputStream()
    with arrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _masked_dtypes(pandas: Any) -> Any:
    names = [f"{sign}Int{bits}Dtype" for sign in ("", "U") for bits in (8, 16, 32, 64)]
    names += ["Float32Dtype", "Float64Dtype", "BooleanDtype"]
    return tuple(getattr(pandas, name) for name in names)


# What a client makes lists of


def column(owner: Any) -> object:
    """The values of a Series or Index in plain terms: an array of numbers or times, or a list."""
    return _column(_values(owner))


def _column(values: Any) -> object:
    pandas, numpy = sys.modules["pandas"], sys.modules["numpy"]
    if isinstance(values, (list, numpy.ndarray)):
        return values
    dtype = values.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        categories = [*_listed(column(values.categories)), None]
        return [categories[code] for code in values.codes.tolist()]
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return numpy.asarray(values.tz_convert("UTC").tz_localize(None))
    if isinstance(dtype, _masked_dtypes(pandas)):
        if values.isna().any():
            return values.to_numpy(object, na_value=None).tolist()
        return values.to_numpy(dtype.numpy_dtype)
    if isinstance(dtype, pandas.StringDtype):
        return values.to_numpy(object, na_value=None).tolist()
    if _is_arrow(values):
        return values.__arrow_array__().to_pylist()
    return _objects(values)


def _listed(values: Any) -> list[object]:
    return values if isinstance(values, list) else list(values.tolist())


def plain(kind: str, value: Any) -> object:
    """An object in plain terms, where its content is not that already; None if it has none."""
    if kind == "RangeIndex":
        return range(value.start, value.stop, value.step)
    if kind == "MultiIndex":
        return list(value)
    if kind == "Masked":
        masked = sys.modules["numpy"].ma
        return masked.MaskedArray(value.to_numpy(value.dtype.numpy_dtype, na_value=0), value.isna())
    if kind in ("Categorical", "Strings", "Arrow", "Intervals", "Periods"):
        return _column(value)
    return str(value) if kind in ("Interval", "Period", "Offset", "Dtype") else None


def columns(frame: Any, names: Any) -> dict[object, object]:
    """The columns of a DataFrame by their labels.

    `names` are those that a client knows that it needs; empty if it does not know.
    """
    twice = set(frame.columns[frame.columns.duplicated()])
    if wanted := [label for label in twice if not names or label in names]:
        raise NotConvertible(
            f"the DataFrame has several columns {wanted[0]!r}; rename them, or ask for a "
            "PandasDataFrame"
        )
    return {
        label: column(frame.iloc[:, position])
        for position, label in enumerate(frame.columns)
        if label not in twice
    }


def entries(series: Any) -> dict[object, object]:
    """The values of a Series by their labels."""
    labels = _listed(column(series.index)) if series.index.nlevels == 1 else list(series.index)
    found = dict(zip(labels, _listed(column(series)), strict=True))
    if len(found) != len(labels):
        raise NotConvertible(
            "a Series with the same label more than once is no dict; ask for a PandasSeries or an "
            "array of its values"
        )
    return found


# Containers


def _data_frame(value: Any) -> Reduced:
    columns = [_values(value.iloc[:, position]) for position in range(value.shape[1])]
    return tags.PANDAS, ["DataFrame", value.index, value.columns, columns]


def _series(value: Any) -> Reduced:
    return tags.PANDAS, ["Series", value.name, value.index, _dtype_name(value), _values(value)]


def _index(value: Any) -> Reduced:
    return tags.PANDAS, ["Index", value.name, _dtype_name(value), _values(value)]


def _dtype_name(owner: Any) -> str | None:
    """The dtype where the values alone do not say it: lists of objects."""
    return "object" if owner.dtype == object else None


def _range_index(value: Any) -> Reduced:
    return tags.PANDAS, ["RangeIndex", value.name, value.start, value.stop, value.step]


def _multi_index(value: Any) -> Reduced:
    levels = [value.get_level_values(position) for position in range(value.nlevels)]
    return tags.PANDAS, ["MultiIndex", list(value.names), levels]


# Scalars


def _timestamp(value: Any) -> Reduced:
    naive = value.tz_convert("UTC").tz_localize(None) if value.tzinfo is not None else value
    at = value.to_pydatetime(warn=False)
    return tags.PANDAS, [
        "Timestamp",
        naive.to_datetime64(),
        zone(value.tzinfo, at),
        value.fold,
    ]


def _timedelta(value: Any) -> Reduced:
    return tags.PANDAS, ["Timedelta", value.to_timedelta64()]


def _interval(value: Any) -> Reduced:
    return tags.PANDAS, ["Interval", value.closed, value.left, value.right]


def _offset(value: Any) -> Reduced:
    # The others have parameters that their name does not say.
    pandas = sys.modules["pandas"]
    if pandas.tseries.frequencies.to_offset(value.freqstr) != value:
        raise NotConvertible(
            f"the offset {value!r} is more than its name {value.freqstr!r} says, and cannot cross; "
            "return its freqstr, or a timedelta"
        )
    return tags.PANDAS, ["Offset", value.freqstr]


def _dtype(value: Any) -> Reduced:
    pandas = sys.modules["pandas"]
    if isinstance(value, pandas.CategoricalDtype):
        return tags.PANDAS, ["Dtype", "category", value.categories, value.ordered]
    if isinstance(value, pandas.StringDtype):
        return tags.PANDAS, ["Dtype", "string", value.storage, value.na_value is pandas.NA]
    name = str(value)
    if not _is_found(pandas, name, value):
        raise NotConvertible(
            f"the dtype {value!r} is more than its name says, and cannot cross; return str(dtype)"
        )
    return tags.PANDAS, ["Dtype", name]


def _is_found(pandas: Any, name: str, dtype: Any) -> bool:
    try:
        return bool(pandas.api.types.pandas_dtype(name) == dtype)
    except (TypeError, NotImplementedError):
        return False


# Back


def _restore(content: Any) -> object:
    try:
        pandas = importlib.import_module("pandas")
    except ModuleNotFoundError:
        raise NotConvertible(
            "a value of pandas needs pandas, which is not installed in the server's environment; "
            "install it there, or pass lists or arrays"
        ) from None
    kind, *parts = content
    restorer = _RESTORERS.get(kind)
    if restorer is None:
        raise NotConvertible(f"{kind} is nothing of pandas that can cross")
    return restorer(pandas, *parts)


def _restore_data_frame(pandas: Any, index: Any, columns: Any, values: list[Any]) -> object:
    # By position: labels need not be unique.
    frame = pandas.DataFrame(
        {
            position: pandas.Series(
                column, index=index, dtype=object if isinstance(column, list) else None
            )
            for position, column in enumerate(values)
        },
        index=index,
        columns=range(len(values)),
    )
    frame.columns = columns
    return frame


def _restore_datetime_tz(pandas: Any, naive: Any, place: Any) -> object:
    return pandas.DatetimeIndex(naive).tz_localize("UTC").tz_convert(_zone(place)).array


def _zone(place: Any) -> Any:
    # A name becomes what this version of pandas makes of it.
    return place if isinstance(place, str) else restore_zone(place)


def _restore_timestamp(pandas: Any, naive: Any, place: Any, fold: int) -> object:
    value = pandas.Timestamp(naive)
    if place is not None:
        value = value.tz_localize("UTC").tz_convert(_zone(place))
    return value.replace(fold=fold) if fold else value


def _restore_masked(pandas: Any, name: str, values: Any, missing: Any) -> object:
    # By the class itself: pandas.array would take NaN for a missing value.
    kind = type(pandas.array([], dtype=name))
    return kind(values, missing)


def _restore_array(pandas: Any, name: str | None, values: Any) -> object:
    return pandas.array(values, dtype=name)


def _restore_periods(pandas: Any, freq: str, ordinals: Any) -> object:
    # A copy: what a client sends may be memory that it shares.
    return pandas.arrays.PeriodArray(ordinals.astype("i8"), dtype=pandas.PeriodDtype(freq))


def _string_dtype(pandas: Any, storage: str, has_own_missing: bool) -> Any:
    if has_own_missing or storage == "pyarrow_numpy":
        return pandas.StringDtype(storage)
    return pandas.StringDtype(storage, na_value=float("nan"))


def _restore_arrow(pandas: Any, stream: bytes) -> object:
    arrow = importlib.import_module("pyarrow")
    with arrow.ipc.open_stream(stream) as reader:
        return pandas.arrays.ArrowExtensionArray(reader.read_all().column(0))


def _restore_dtype(pandas: Any, name: str, *more: Any) -> object:
    if name == "category":
        return pandas.CategoricalDtype(*more)
    if more:
        return _string_dtype(pandas, *more)
    return pandas.api.types.pandas_dtype(name)


_RESTORERS: dict[str, Callable[..., object]] = {
    "DataFrame": _restore_data_frame,
    "Series": lambda pandas, name, index, dtype, values: pandas.Series(
        values, index=index, name=name, dtype=dtype
    ),
    "Index": lambda pandas, name, dtype, values: pandas.Index(values, name=name, dtype=dtype),
    "RangeIndex": lambda pandas, name, start, stop, step: pandas.RangeIndex(
        start, stop, step, name=name
    ),
    "MultiIndex": lambda pandas, names, levels: pandas.MultiIndex.from_arrays(levels, names=names),
    "Categorical": lambda pandas, codes, categories, ordered: pandas.Categorical.from_codes(
        codes, categories=categories, ordered=ordered
    ),
    "DatetimeTZ": _restore_datetime_tz,
    "Masked": _restore_masked,
    "Array": _restore_array,
    "Strings": lambda pandas, storage, missing, values: pandas.array(
        values, dtype=_string_dtype(pandas, storage, missing)
    ),
    "Arrow": _restore_arrow,
    "Intervals": lambda pandas, closed, left, right: pandas.arrays.IntervalArray.from_arrays(
        left, right, closed=closed
    ),
    "Periods": _restore_periods,
    "Interval": lambda pandas, closed, left, right: pandas.Interval(left, right, closed),
    "Period": lambda pandas, freq, ordinal: pandas.Period(ordinal=ordinal, freq=freq),
    "Offset": lambda pandas, name: pandas.tseries.frequencies.to_offset(name),
    "Dtype": _restore_dtype,
    "Timestamp": _restore_timestamp,
    "Timedelta": lambda pandas, value: pandas.Timedelta(value),
    "NaT": lambda pandas: pandas.NaT,
    "NA": lambda pandas: pandas.NA,
}

RESTORERS: dict[int, Callable[[Any], object]] = {tags.PANDAS: _restore}
