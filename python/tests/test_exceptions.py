"""Exceptions as plain data."""

import json
import math
import sys
import traceback

import pytest

from pyproxy_runtime.calls.exceptions import MAXIMUM_DEPTH, MAXIMUM_EXCEPTIONS, describe
from pyproxy_runtime.calls.tracebacks import MAXIMUM_FRAMES


def caught(function):
    with pytest.raises(BaseException) as info:  # noqa: PT011 - any exception at all
        function()
    return describe(info.value)


def test_type_message_and_frames():
    def inner():
        raise ValueError("no good")

    description = caught(inner)
    assert description["type"] == "ValueError"
    assert description["module"] == "builtins"
    assert description["message"] == "no good"
    file, line, function, source, repeated = description["frames"][-1]
    assert file == __file__
    assert line == inner.__code__.co_firstlineno + 1
    assert function.endswith("inner")
    assert source == 'raise ValueError("no good")'


def test_a_cycle_of_causes_ends():
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert "cause" not in describe(first)["cause"]


def test_a_long_chain_is_cut():
    error = ValueError("0")
    for number in range(100):
        outer = ValueError(str(number))
        outer.__cause__ = error
        error = outer
    depth, description = 1, describe(error)
    while "cause" in description:
        depth, description = depth + 1, description["cause"]
    assert depth == MAXIMUM_DEPTH


def test_a_deep_recursion_is_cut_in_the_middle():
    def recurse(n):
        if n == 0:
            raise ValueError
        recurse(n - 1)

    def recurse_in_turn(n):
        if n == 0:
            raise ValueError
        if n % 2:
            recurse_in_turn(n - 1)
        else:
            recurse_in_turn(n - 1)

    frames = caught(lambda: recurse_in_turn(500))["frames"]
    assert len(frames) == MAXIMUM_FRAMES
    # Equal frames are counted: as CPython, three are shown.
    folded = [
        frame for frame in caught(lambda: recurse(500))["frames"] if frame[2].endswith("recurse")
    ]
    assert [frame[4] for frame in folded] == [0, 0, 497, 0]


def test_a_suppressed_context_is_left_out():
    def fail():
        try:
            raise KeyError
        except KeyError:
            raise ValueError from None

    assert {"cause", "context"}.isdisjoint(caught(fail))


def test_an_exception_that_cannot_be_printed():
    class OddError(Exception):
        def __str__(self):
            raise RuntimeError

    assert "RuntimeError" in describe(OddError())["message"]


class Note:
    def __str__(self):
        raise RuntimeError("no text")


class ExitsError(Exception):
    def __str__(self):
        sys.exit(2)


class Text(str):
    def encode(self, *_arguments):
        raise RuntimeError("no")


class SaysTextError(Exception):
    def __str__(self):
        return Text("sub")


class Loader:
    def get_source(self, _name):
        raise RuntimeError("no source")


class OddMeta(type):
    @property
    def __module__(cls):
        raise RuntimeError("no module")


class OddClassError(Exception, metaclass=OddMeta):
    pass


class OddAttributesError(Exception):
    @property
    def args(self):
        raise RuntimeError("no args")

    def __getattribute__(self, name):
        if name == "__notes__":
            raise RuntimeError("no notes")
        return super().__getattribute__(name)


def with_notes(notes):
    error = ValueError("x")
    error.__notes__ = notes
    return error


def raised_in(code, names):
    try:
        exec(code, names)
    except Exception as error:
        return error
    raise AssertionError


def with_context():
    try:
        try:
            raise ExitsError
        except ExitsError:
            raise ValueError("this one is fine")  # noqa: B904 - the context is wanted
    except ValueError as error:
        return error


ODD = {
    "a note that raises": (with_notes([Note()]), "x"),
    "notes that are no list": (with_notes(5), "x"),
    "a text that exits": (ExitsError(), "<the exception's __str__ raised SystemExit>"),
    "a context that exits": (with_context(), "this one is fine"),
    "a name that is no text": (AttributeError("m", name=5, obj=object()), "m"),
    "a file name that is no text": (
        raised_in(compile("raise ValueError('v')", "bad\udcff.py", "exec"), {}),
        "v",
    ),
    "a loader that raises": (
        raised_in(compile("1/0", "nofile.py", "exec"), {"__name__": "x", "__loader__": Loader()}),
        "division by zero",
    ),
    "a text of another class": (SaysTextError(), "sub"),
    "a class without a module": (OddClassError("m"), "m"),
    "attributes that raise": (OddAttributesError("m"), "m"),
    "an argument that refers to itself": (ValueError(endless := []), "[[...]]"),
    "a huge number": (ValueError(1 << 100_000), None),
}
endless.append(endless)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_part_costs_that_part_only(name):
    error, message = ODD[name]
    description = describe(error)
    assert description["type"] == type.__dict__["__qualname__"].__get__(type(error))
    assert message is None or description["message"] == message
    # What is sent is plain: text that is text, of the built-in type.
    assert plain_types(description) <= {dict, list, tuple, str, int, float, bool, type(None)}
    json.dumps(description)


def plain_types(value):
    found = {type(value)}
    if isinstance(value, dict):
        for key, item in value.items():
            found |= plain_types(key) | plain_types(item)
    elif isinstance(value, list | tuple):
        for item in value:
            found |= plain_types(item)
    return found


def test_the_members_of_a_group_arrive():
    group = ExceptionGroup("many", [ValueError("a"), ExceptionGroup("more", [TypeError("b")])])
    first, second = describe(group)["exceptions"]
    assert (first["type"], first["message"]) == ("ValueError", "a")
    assert second["exceptions"][0]["type"] == "TypeError"


def test_a_group_of_very_many_is_cut():
    group = ExceptionGroup("many", [ValueError(str(n)) for n in range(10_000)])
    assert len(describe(group)["exceptions"]) == MAXIMUM_EXCEPTIONS - 1


def test_attributes_arguments_and_bases_arrive():
    description = caught(lambda: open("/nowhere/at/all"))
    assert description["attributes"]["errno"] == 2
    assert description["attributes"]["filename"] == "/nowhere/at/all"
    assert description["bases"] == ["OSError", "Exception", "BaseException"]
    assert description["args"] == [2, "No such file or directory"]

    class OwnError(ValueError):
        def __init__(self):
            super().__init__("m", 1.5, object)
            self.code = 7
            self.rows = [1, {"a": None}]
            self.secret = object()
            self._hidden = 1

    description = describe(OwnError())
    assert description["attributes"] == {"code": 7, "rows": [1, {"a": None}]}
    assert description["args"] == ["m", 1.5, "<class 'object'>"]
    assert describe(SystemExit(3))["attributes"] == {"code": 3}


def test_a_lone_surrogate_in_the_message_is_escaped():
    assert describe(ValueError("\ud800"))["message"] == "\\ud800"


class Property:
    @property
    def style(self):
        raise AttributeError("needs jinja2", name="style", obj=self)


class Own:
    height = 1

    def __init__(self):
        self._width = 1

    def attribute(self):
        return self.heigth

    def hidden(self):
        return self.width

    def bare(self):
        return height  # noqa: F821


def local_name():
    length = 1
    return lenght + length  # noqa: F821


WRONG = {
    "attribute of a module": lambda: math.sqr,
    "nothing like it": lambda: math.quaternion,
    "attribute of an instance": lambda: Own().heigth,
    "hidden attribute": lambda: Own().width,
    "own hidden attribute": lambda: Own().hidden(),
    "own attribute": lambda: Own().attribute(),
    "attribute as a name": lambda: Own().bare(),
    "case": lambda: math.SQRT,
    "property": lambda: Property().style,
    "local name": local_name,
    "builtin": lambda: prnt,  # noqa: F821
    "module": lambda: colorsys,  # noqa: F821
    "module like a builtin": lambda: types,  # noqa: F821
    "name like a module": lambda: rem,  # noqa: F821
    "import": lambda: exec("from math import sqr", {}),
    "long": lambda: getattr(math, "s" * 41),
    "short": lambda: math.e1,
    "empty": lambda: getattr(math, ""),
}


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the hints of CPython 3.11 are in C")
@pytest.mark.parametrize("name", WRONG)
def test_hints_are_those_of_cpython(name):
    with pytest.raises(Exception) as info:  # noqa: PT011 - any exception at all
        WRONG[name]()
    formatted = traceback.TracebackException.from_exception(info.value)
    expected = "".join(formatted.format_exception_only()).rstrip("\n")
    description = describe(info.value)
    assert f"{description['type']}: {description['message']}" == expected


def test_a_close_name_is_suggested():
    assert caught(lambda: math.sqr)["message"].endswith("Did you mean: 'sqrt'?")
    assert caught(lambda: prnt)["message"].endswith("Did you mean: 'print'?")  # noqa: F821
    many = type("Many", (), {f"name_{n}": n for n in range(800)})()
    assert "Did you mean" not in caught(lambda: many.name_)["message"]


def test_a_text_that_was_evaluated_has_no_source():
    assert [frame[3] for frame in caught(lambda: eval("1 / 0"))["frames"]][-1] == ""
