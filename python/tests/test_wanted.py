"""Values made of objects that are something else, by the protocols that these offer."""

import array
import collections
import dataclasses
import os
import pathlib
import sqlite3
from types import SimpleNamespace

import pytest

from pyproxy_runtime.errors import NotConvertible
from pyproxy_runtime.values import wanted
from pyproxy_runtime.values.registry import Values
from pyproxy_runtime.values.wanted import (
    BYTES,
    COMPLEX,
    FLOAT,
    INTEGER,
    LIST,
    MAPPING,
    RECORD,
    TEXT,
)


def convert(kind, value, names, is_limited):
    return wanted.convert(Values(), kind, value, names, is_limited)


class Number:
    def __init__(self, value):
        self.value = value

    def __float__(self):
        return float(self.value)


class Whole(Number):
    def __index__(self):
        return self.value


class Imaginary:
    def __complex__(self):
        return 2j


class Plain:
    kind = "class attribute"

    def __init__(self):
        self.x = 1
        self._hidden = 2
        self.call = len
        self.module = os

    @property
    def twice(self):
        return 2 * self.x


class Slots:
    __slots__ = ("x", "y")

    def __init__(self):
        self.x = 1


@dataclasses.dataclass
class Point:
    x: float
    y: float


@dataclasses.dataclass
class Output(dict):
    first: int = 1

    def __post_init__(self):
        self["first"] = self.first


Pair = collections.namedtuple("Pair", ["a", "b"])


def row():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    found = connection.execute("select 1 as a, 'x' as b").fetchone()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (LIST, (n for n in range(3)), [0, 1, 2]),
        (LIST, zip([1], [2], strict=True), [(1, 2)]),
        (LIST, {"a": 1}.keys(), ["a"]),
        (LIST, {"a": 1}.items(), [("a", 1)]),
        (LIST, collections.deque([1]), [1]),
        (LIST, {3, 1, 2}, [1, 2, 3]),
        (LIST, collections.UserDict(a=1), None),
        (LIST, range(3), [0, 1, 2]),
        (TEXT, pathlib.PurePath("a/b"), None),
        (TEXT, pathlib.Path("a/b"), "a/b"),
        (TEXT, 1, None),
        (LIST, "text", None),
        (LIST, b"bytes", None),
        (LIST, 1, None),
        (MAPPING, collections.UserDict(a=1), {"a": 1}),
        (MAPPING, Output(3), {"first": 3}),
        (MAPPING, row(), {"a": 1, "b": "x"}),
        (RECORD, Point(1.0, 2.0), {"x": 1.0, "y": 2.0}),
        (RECORD, Pair(1, 2), {"a": 1, "b": 2}),
        (RECORD, SimpleNamespace(x=1), {"x": 1}),
        (RECORD, Plain(), {"x": 1}),
        (RECORD, Slots(), {"x": 1}),
        (RECORD, (1, 2), None),
        (RECORD, len, None),
        (RECORD, Plain, None),
        (RECORD, os, None),
        (RECORD, 1.5, None),
        (FLOAT, Number(2), 2.0),
        (INTEGER, Whole(2), 2),
        (INTEGER, Number(2), 2.0),
        (COMPLEX, Imaginary(), 2j),
        (COMPLEX, Number(2), 2.0),
        (FLOAT, Imaginary(), None),
        (FLOAT, "1", None),
        (FLOAT, True, None),
        (BYTES, array.array("B", b"abc"), b"abc"),
        (BYTES, "abc", None),
    ],
)
def test_what_offers_the_protocol_is_converted(kind, value, expected):
    made = convert(kind, value, (), False)
    assert made == expected
    assert type(made) is type(expected)


def test_a_structure_of_the_system_is_a_record():
    made = convert(RECORD, os.stat(os.curdir), (), False)
    assert made["st_mode"] == os.stat(os.curdir).st_mode
    assert all(name.startswith("st_") for name in made)


def test_fields_that_are_asked_for_may_be_properties():
    assert convert(RECORD, Plain(), ["x", "twice", "missing", "_hidden"], False) == {
        "x": 1,
        "twice": 2,
    }


def test_limited_servers_send_declared_fields_only():
    assert convert(RECORD, Plain(), ["x"], True) is None
    point = Point(1.0, 2.0)
    point.z = 3.0
    assert convert(RECORD, point, ["z"], False) == {"x": 1.0, "y": 2.0, "z": 3.0}
    assert convert(RECORD, point, ["z"], True) == {"x": 1.0, "y": 2.0}


def test_an_iterator_without_end_is_refused_with_the_number(monkeypatch):
    monkeypatch.setattr(wanted, "MAXIMUM_ITEMS", 1000)
    with pytest.raises(NotConvertible, match=r"a itertools\.count has more than 1,000 items"):
        convert(LIST, __import__("itertools").count(), (), False)


def test_an_exception_of_the_iterator_is_raised():
    def broken():
        yield 1
        raise KeyError("broken")

    with pytest.raises(KeyError):
        convert(LIST, broken(), (), False)
