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
    }
    if found := known.get(kind):
        return found
    if issubclass(kind, pandas.Index):
        return _index
    if issubclass(kind, pandas.api.extensions.ExtensionArray):
        return _extension_array
    return None


# Columns


def _values(owner: Any) -> object:
    """The values of a Series or Index: a numpy array, a list of objects or an extension array."""
    numpy = sys.modules["numpy"]
    array = owner.array
    if type(array).__name__ in ("NumpyExtensionArray", "PandasArray"):
        plain = array.to_numpy()
        return plain.tolist() if plain.dtype.hasobject else plain
    if owner.dtype.kind in "mM" and getattr(owner.dtype, "tz", None) is None:
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
    missing = value.isna()
    if isinstance(value.dtype, _masked_dtypes(pandas)):
        return tags.PANDAS, [
            "Masked",
            str(value.dtype),
            value.to_numpy(value.dtype.numpy_dtype, na_value=0),
            missing,
        ]
    items = [None if gone else item for item, gone in zip(value, missing, strict=True)]
    return tags.PANDAS, ["Array", str(value.dtype), items]


def _masked_dtypes(pandas: Any) -> Any:
    names = [f"{sign}Int{bits}Dtype" for sign in ("", "U") for bits in (8, 16, 32, 64)]
    names += ["Float32Dtype", "Float64Dtype", "BooleanDtype"]
    return tuple(getattr(pandas, name) for name in names)


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
    "Timestamp": _restore_timestamp,
    "Timedelta": lambda pandas, value: pandas.Timedelta(value),
    "NaT": lambda pandas: pandas.NaT,
    "NA": lambda pandas: pandas.NA,
}

RESTORERS: dict[int, Callable[[Any], object]] = {tags.PANDAS: _restore}
