"""Arguments of the command line."""

import math

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
