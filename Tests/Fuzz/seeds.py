"""Writes seeds for the fuzzers into a folder, and a libFuzzer dictionary of the tags to standard output.

The seeds are the vectors of RFC 8949 and one small value for each tag of this protocol.
"""

import json
import struct
import sys
from pathlib import Path

TAGS = [0, 2, 3, 4, 30, 37, 40, 258, 1002, 1004, 43000, *range(64, 88), *range(50790, 50822)]


def head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    for code, form, limit in ((24, ">B", 1 << 8), (25, ">H", 1 << 16), (26, ">I", 1 << 32)):
        if argument < limit:
            return bytes([major << 5 | code]) + struct.pack(form, argument)
    return bytes([major << 5 | 27]) + struct.pack(">Q", argument)


class Tag:
    def __init__(self, number, content):
        self.number, self.content = number, content


def encode(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        pairs = (encode(k) + encode(v) for k, v in value.items())
        return head(5, len(value)) + b"".join(pairs)
    return head(6, value.number) + encode(value.content)


def elements(count, tag=64, size=1):
    return Tag(tag, bytes(count * size))


def array(shape, tag=64, size=1):
    count = 1
    for length in shape:
        count *= length
    return Tag(40, [shape, elements(count, tag, size)])


def pandas(*parts):
    return Tag(50812, list(parts))


index = pandas("RangeIndex", None, 0, 2, 1)
SEEDS = [
    Tag(50790, [1, "x", [2.5, None]]),
    Tag(43000, [1.0, -0.0]),
    array([2, 3], 86, 8),
    Tag(50791, elements(1, 79, 8)),
    Tag(40, [[2], Tag(50792, b"\1\0")]),
    Tag(40, [[1], Tag(50793, elements(2, 86, 8))]),
    Tag(0, "2020-01-01T00:00:00+01:00"),
    Tag(4, [-2, 150]),
    Tag(50800, "-Infinity"),
    Tag(30, [-1, 3]),
    Tag(37, bytes(16)),
    Tag(258, [1, "a", None]),
    Tag(50795, [1.5]),
    Tag(1002, {1: -5, -6: 7}),
    Tag(1004, "2020-02-29"),
    Tag(50796, b"abc"),
    Tag(50797, [True, "d", [1], bytes(8)]),
    Tag(50798, [0, 10, 3]),
    Tag(50799, [None, 1, "x"]),
    Tag(50801, ["2020-01-01T10:00:00.5", "Europe/Zurich", 1]),
    Tag(50802, ["10:00:00", [3600, "CET"], 0]),
    Tag(50803, "/a/b"),
    Tag(50804, ["re", "RegexFlag", "A", 256]),
    Tag(50805, ["sys", "x", ["a"], [1]]),
    Tag(50806, ["dataclasses", "Field", {}]),
    Tag(50807, [{"a": 1}]),
    Tag(50808, ["<M8[ns]", [1], array([8])]),
    Tag(50808, ["<U2", [1, 1], array([8])]),
    Tag(50808, [[12, [["a", 0, "<i4"], ["b", 4, ["|S2", [4]]]]], [1], array([12])]),
    Tag(50809, ["|V3", [], array([3])]),
    Tag(50810, [array([2]), Tag(40, [[2], Tag(50792, b"\1\0")]), None, False]),
    Tag(50811, ["csr_matrix", [1, 2], [array([1], 86, 8), array([1], 78, 4), array([2], 78, 4)]]),
    pandas("DataFrame", index, pandas("Index", None, None, ["a"]), [array([2], 86, 8)]),
    pandas("Series", "n", index, None, pandas("Masked", "Int64", array([2], 79, 8), array([2]))),
    pandas("Categorical", array([2], 72), pandas("Index", None, "object", ["a"]), True),
    pandas("MultiIndex", [None, "x"], [index, index]),
    pandas("Timestamp", Tag(50809, ["<M8[ns]", [], array([8])]), 3600, 0),
    pandas("NaT"),
    Tag(50813, ["compas.geometry/Point", None, "p", [1.0, 2.0, 3.0]]),
    Tag(50814, ["threading.Lock", "cannot cross"]),
    Tag(50815, [Tag(50806, ["m", "C", {"name": "x"}]), "m.C", "C()", None, 2]),
    Tag(50815, [Tag(1004, "2024-01-31"), "datetime.date", "2024-01-31", "date(1)", False]),
    Tag(50815, [Tag(50803, "/a"), "pathlib.Path", None, None, True]),
    Tag(50815, [pandas("NA"), "pandas.NA", None, None, [None]]),
    Tag(50816, {"name": ["a", "b"], "values": array([2], 86, 8), "date": Tag(50808, ["<M8[ns]", [2], array([16])])}),
    Tag(50817, "<f4"),
]


def main(folder, fixtures):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    vectors = json.loads((Path(fixtures) / "rfc8949-appendix-a.json").read_text())
    seeds = [encode(seed) for seed in SEEDS] + [bytes.fromhex(v["hex"]) for v in vectors]
    for number, seed in enumerate(seeds):
        (folder / f"{number:03}").write_bytes(seed)
    for tag in TAGS:
        print('"' + "".join(f"\\x{byte:02x}" for byte in head(6, tag)) + '"')


main(*sys.argv[1:])
