"""Values of the standard library: sets, binary data, ranges, exact numbers, dates, paths."""

from __future__ import annotations

import importlib
import os
import sys

from pyproxy_runtime.errors import NotConvertible
from pyproxy_runtime.standard_library import standard
from pyproxy_runtime.values import tags

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable
    from typing import Any, NoReturn
else:
    datetime = standard("datetime")

Reduced = tuple[int, object]


def reducer(kind: type) -> Callable[[Any], Reduced | None] | None:
    """The function for exactly this type, or for paths of every kind."""
    if found := _BUILT_IN.get(kind):
        return found
    for module, name, function in _STANDARD_LIBRARY:
        # A value of such a type exists only if its module has been imported.
        loaded = sys.modules.get(module)
        known = getattr(loaded, name, None)
        if isinstance(known, type) and (
            kind is known or (name == "Path" and issubclass(kind, known))
        ):
            return function
    return None


# Binary data, sets, ranges


def _memoryview(value: memoryview) -> Reduced:
    if value.format == "B" and value.ndim == 1:
        return tags.MEMORYVIEW, [value.readonly, "B", [value.nbytes], value.tobytes()]
    if value.ndim == 0 or value.shape is None:
        raise NotConvertible("a memoryview without dimensions cannot cross; use tobytes()")
    try:
        memoryview(bytes(value.itemsize)).cast(value.format)  # type: ignore[call-overload]
    except (ValueError, TypeError):
        raise NotConvertible(
            f"a memoryview of format {value.format!r} cannot cross; use tobytes()"
        ) from None
    return tags.MEMORYVIEW, [value.readonly, value.format, list(value.shape), value.tobytes()]


def _restore_memoryview(content: Any) -> memoryview:
    readonly, form, shape, data = content
    view = memoryview(data if readonly else bytearray(data))
    if form == "B" and len(shape) == 1:
        return view
    return view.cast(form, shape) if view.nbytes else view.cast(form)


# Exact numbers


def _decimal(value: Any) -> Reduced:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or (sign and not any(digits)):
        return tags.SPECIAL_DECIMAL, str(value)
    # By way of a number without an exponent: text is limited to 4,300 digits.
    return tags.DECIMAL, [exponent, int(type(value)((sign, digits, 0)))]


def _restore_decimal(content: Any) -> object:
    exponent, coefficient = content
    decimal = importlib.import_module("decimal").Decimal
    # Made from an int a Decimal is exact, whatever the precision of the current context is.
    return decimal(decimal(coefficient).as_tuple()._replace(exponent=exponent))


def _restore_special_decimal(content: Any) -> object:
    return importlib.import_module("decimal").Decimal(content)


def _restore_fraction(content: Any) -> object:
    numerator, denominator = content
    return importlib.import_module("fractions").Fraction(numerator, denominator)


# Dates and times


def zone(value: datetime.tzinfo | None, at: datetime.datetime | None) -> object:
    """None, seconds from UTC, [seconds, name] or the name of a time zone."""
    if value is None:
        return None
    key = getattr(value, "key", None)
    if isinstance(key, str):
        return key
    # Of pytz, which pandas before 3 uses: its zones are one for each distance from UTC.
    key = getattr(value, "zone", None)
    if isinstance(key, str) and (at is None or _fold(key, at) is not None):
        return key
    offset = value.utcoffset(at)
    if offset is None:
        raise NotConvertible(f"the time zone {value!r} does not say how far it is from UTC")
    if offset.microseconds:
        raise NotConvertible("a time zone that is off UTC by a fraction of a second cannot cross")
    seconds = round(offset.total_seconds())
    if type(value) is datetime.timezone and len(value.__getinitargs__()) == 1:  # type: ignore[attr-defined]
        return seconds
    # Zones of other libraries: as far as they are from UTC at this moment.
    return [seconds, value.tzname(at) or ""]


def _fold(key: str, at: datetime.datetime) -> int | None:
    """Which of the two moments of a local time in a zone is meant, by its distance from UTC."""
    zoneinfo = importlib.import_module("zoneinfo")
    try:
        known = zoneinfo.ZoneInfo(key)
    except (OSError, ValueError, KeyError):
        return None
    local, offset = at.replace(tzinfo=known, fold=0), at.utcoffset()
    return next((fold for fold in (0, 1) if local.replace(fold=fold).utcoffset() == offset), None)


def restore_zone(content: Any) -> datetime.tzinfo | None:
    if content is None:
        return None
    if isinstance(content, str):
        zoneinfo = importlib.import_module("zoneinfo")
        found: datetime.tzinfo = zoneinfo.ZoneInfo(content)
        return found
    if isinstance(content, int):
        return datetime.timezone(datetime.timedelta(seconds=content))
    seconds, name = content
    return datetime.timezone(datetime.timedelta(seconds=seconds), name)


def _datetime(value: datetime.datetime) -> Reduced:
    place, fold = zone(value.tzinfo, value), value.fold
    if isinstance(place, int) and place % 60 == 0 and not fold:
        return tags.DATETIME_TEXT, value.isoformat()
    if isinstance(place, str) and not hasattr(value.tzinfo, "key"):
        fold = _fold(place, value) or 0
    # Without a fold in the text, which says it apart.
    local = value.replace(tzinfo=None, fold=0)
    return tags.DATETIME, [local.isoformat(), place, fold]


def _restore_datetime_text(content: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(content)


def _restore_datetime(content: Any) -> datetime.datetime:
    text, place, fold = content
    value = datetime.datetime.fromisoformat(text)
    return value.replace(tzinfo=restore_zone(place), fold=fold)


def _time(value: datetime.time) -> Reduced:
    place = zone(value.tzinfo, None)
    return tags.TIME, [value.replace(tzinfo=None).isoformat(), place, value.fold]


def _restore_time(content: Any) -> datetime.time:
    text, place, fold = content
    value = datetime.time.fromisoformat(text)
    return value.replace(tzinfo=restore_zone(place), fold=fold)


def _timedelta(value: datetime.timedelta) -> Reduced:
    # RFC 9581: seconds, and a count of 10⁻⁶ seconds.
    return tags.DURATION, {1: value.days * 86400 + value.seconds, -6: value.microseconds}


def _restore_timedelta(content: Any) -> datetime.timedelta:
    return datetime.timedelta(seconds=content.get(1, 0), microseconds=content.get(-6, 0))


# The rest


def _path(value: Any) -> Reduced:
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return tags.PATH, os.fsencode(text)
    return tags.PATH, text


def _restore_path(content: Any) -> object:
    return importlib.import_module("pathlib").Path(os.fsdecode(content))


def _refuse_opaque(content: Any) -> NoReturn:
    kind, _ = content
    raise NotConvertible(f"a value of type {kind} that has not been copied cannot be passed back")


_BUILT_IN: dict[type, Callable[[Any], Reduced | None]] = {
    set: lambda value: (tags.SET, list(value)),
    frozenset: lambda value: (tags.FROZENSET, list(value)),
    bytearray: lambda value: (tags.BYTEARRAY, bytes(value)),
    memoryview: _memoryview,
    range: lambda value: (tags.RANGE, [value.start, value.stop, value.step]),
    slice: lambda value: (tags.SLICE, [value.start, value.stop, value.step]),
    datetime.datetime: _datetime,
    datetime.date: lambda value: (tags.DATE, value.isoformat()),
    datetime.time: _time,
    datetime.timedelta: _timedelta,
}

_STANDARD_LIBRARY: list[tuple[str, str, Callable[[Any], Reduced | None]]] = [
    ("decimal", "Decimal", _decimal),
    (
        "fractions",
        "Fraction",
        lambda value: (tags.RATIONAL, [value.numerator, value.denominator]),
    ),
    ("uuid", "UUID", lambda value: (tags.UUID, value.bytes)),
    ("pathlib", "Path", _path),
]


def base_reducer(kind: type) -> Callable[[Any], Reduced | None] | None:
    """For a class that is derived from one of these types: it crosses as its base."""
    return next((_BUILT_IN[base] for base in kind.__mro__ if base in _BUILT_IN), None)


RESTORERS: dict[int, Callable[[Any], object]] = {
    tags.SET: set,
    tags.FROZENSET: frozenset,
    tags.BYTEARRAY: bytearray,
    tags.MEMORYVIEW: _restore_memoryview,
    tags.RANGE: lambda content: range(*content),
    tags.SLICE: lambda content: slice(*content),
    tags.DECIMAL: _restore_decimal,
    tags.SPECIAL_DECIMAL: _restore_special_decimal,
    tags.RATIONAL: _restore_fraction,
    tags.DATETIME_TEXT: _restore_datetime_text,
    tags.DATETIME: _restore_datetime,
    tags.DATE: datetime.date.fromisoformat,
    tags.TIME: _restore_time,
    tags.DURATION: _restore_timedelta,
    tags.UUID: lambda content: importlib.import_module("uuid").UUID(bytes=content),
    tags.PATH: _restore_path,
    tags.OPAQUE: _refuse_opaque,
}
