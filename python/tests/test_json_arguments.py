"""Arguments of the command line."""

import datetime
import json
import math

import pytest

from pyproxy_runtime.values.json_arguments import parse


def test_json_is_read_and_anything_else_is_text():
    assert parse(["1", "1.5", "[1, {}]", "null", '"x"', "text", "", "1 2"]) == [
        1,
        1.5,
        [1, {}],
        None,
        "x",
        "text",
        "",
        "1 2",
    ]
    assert parse(["123456789012345678901234567890"]) == [123456789012345678901234567890]
    assert math.isnan(parse(["NaN"])[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"$tuple": [1, {"$tuple": []}]}', (1, ())),
        ('{"$set": [1, 2]}', {1, 2}),
        ('{"$bytes": "aGVsbG8="}', b"hello"),
        ('{"$complex": [1.5, -2]}', 1.5 - 2j),
        ('{"$date": "2024-01-31"}', datetime.date(2024, 1, 31)),
        (
            '{"$datetime": "2024-01-31T12:00:00+00:00"}',
            datetime.datetime(2024, 1, 31, 12, tzinfo=datetime.UTC),
        ),
        ('{"$dict": [[1, 2], [{"$tuple": [3]}, 4]]}', {1: 2, (3,): 4}),
        ('{"$tuple": [1], "other": 2}', {"$tuple": [1], "other": 2}),
        ('{"dtype": "float64", "data": [1]}', {"dtype": "float64", "data": [1]}),
        (" -5", -5),
    ],
)
def test_what_json_lacks_is_written_as_an_object_with_one_key(text, value):
    [parsed] = parse([text])
    assert (type(parsed), parsed) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"a": 1, "b": 2, "a": 3}]', "key 'a' more than once"),
        ('{"$bytes": "?"}', "makes no value"),
        ('{"$tuple": 3}', "makes no value"),
    ],
)
def test_what_cannot_be_meant_is_an_error(text, message):
    with pytest.raises(ValueError, match=message):
        parse([text])


def test_limited_servers_make_no_instances():
    text = '{"dtype": "compas.geometry/Point", "data": [1, 2, 3]}'
    assert parse([text], is_limited=True) == [json.loads(text)]
