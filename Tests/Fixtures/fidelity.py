"""The values that cross without loss, and how to tell that nothing was lost.

A case is a Python expression. Those whose library is not installed are left out by `cases`. Each names,
in front, the type in the table of Values.md that it stands for.
"""

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import importlib.util
import math
import pathlib
import random
import struct
import types
import uuid
import zoneinfo


class Colour(enum.Enum):
    RED = 1
    MIXED = ("a", 2.5)


class Level(enum.IntEnum):
    LOW = 1


class Flags(enum.Flag):
    A = 1
    B = 2


class Text(str, enum.Enum):
    X = "x"


Point = collections.namedtuple("Point", "x y")


class Outer:
    Inner = collections.namedtuple("Inner", "a")
    Inner.__qualname__ = "Outer.Inner"


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: int
    b: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Numbers:
    a: int
    b: int


@dataclasses.dataclass
class Station:
    name: str
    height: int


@dataclasses.dataclass(slots=True)
class Slotted:
    a: int
    c: float = dataclasses.field(init=False, default=2.5)


CASES = [
    ("None", "None"),
    ("bool", "[True, False]"),
    ("int", "[0, 23, 24, -1, -24, -25, 255, 256, 2**31, 2**63 - 1, -2**63]"),
    ("int", "[2**63, 2**64 - 1, 2**64, -2**63 - 1, -2**64, -2**64 - 1, 2**4000, -2**4000, 2**200_000]"),
    ("float", "[0.0, -0.0, 0.1, 5e-324, math.inf, -math.inf, math.nan, 1e308]"),
    ("complex", "[1j, complex(-0.0, math.nan), complex(math.inf, -0.0)]"),
    ("str", "['', 'text', 'ü水𐅑👩‍🚀\\0\\n', 'x' * 100_000]"),
    ("bytes", "[b'', b'\\0\\xff', bytes(range(256)) * 1000]"),
    ("bytearray", "[bytearray(), bytearray(b'abc'), bytearray(100_000)]"),
    ("memoryview", "[memoryview(b''), memoryview(b'abc'), memoryview(bytearray(b'abc'))]"),
    ("memoryview", "memoryview(array.array('d', [1.5, 2.5]))"),
    ("memoryview", "memoryview(bytes(24)).cast('i', [2, 3])"),
    ("list", "[[], [1], [1, 'two', None, [3.0, [b'4']]], [1.0] * 10, list(range(10_000))]"),
    ("tuple", "((), (1,), (1, (2, [3, ()])))"),
    ("dict", "[{}, {'b': 1, 'a': 2}, {1: 'a', 2.5: 'b', None: 'c', (1, 'x'): {}, b'k': []}]"),
    ("dict", "{frozenset({1}): 1, True: 2, 2: 3, datetime.date(2020, 1, 1): 4, Colour.RED: 5}"),
    ("set", "[set(), {1, 'a', None, (1, 2)}, {frozenset({1}), frozenset()}]"),
    ("frozenset", "frozenset({1, 2.5, b'x'})"),
    ("range", "[range(10), range(5, -5, -2), range(0), range(2**70, 2**71, 3)]"),
    ("slice", "[slice(None), slice(1, 2.5, 'x'), slice(-1, None, 2)]"),
    ("decimal.Decimal", "[decimal.Decimal(t) for t in ('0', '1.50', '-1E+5', '1e-999', '0E+3')]"),
    (
        "decimal.Decimal",
        "[decimal.Decimal(t) for t in ('-0', '-0.00', 'NaN', 'sNaN12', '-Infinity', '9' * 5000)]",
    ),
    ("decimal.Decimal", "decimal.Decimal(3) ** 200 / 7"),
    ("fractions.Fraction", "[fractions.Fraction(-1, 3), fractions.Fraction(2**80, 3**60)]"),
    (
        "datetime.datetime",
        "[datetime.datetime(2020, 2, 29, 12, 30, 1, 999), datetime.datetime.min,"
        " datetime.datetime.max]",
    ),
    (
        "datetime.datetime",
        "[datetime.datetime(2020, 1, 1, tzinfo=z) for z in (datetime.timezone.utc,"
        " datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)),"
        " datetime.timezone(datetime.timedelta(seconds=7)),"
        " datetime.timezone(datetime.timedelta(hours=1), 'CET'))]",
    ),
    (
        "datetime.datetime",
        "[datetime.datetime(2021, 10, 31, 2, 30, fold=f, tzinfo=zoneinfo.ZoneInfo('Europe/Zurich'))"
        " for f in (0, 1)]",
    ),
    ("datetime.date", "[datetime.date(2020, 2, 29), datetime.date.min, datetime.date.max]"),
    (
        "datetime.time",
        "[datetime.time(1, 2, 3, 4), datetime.time(fold=1),"
        " datetime.time(1, tzinfo=datetime.timezone.utc)]",
    ),
    (
        "datetime.timedelta",
        "[datetime.timedelta(0), datetime.timedelta(microseconds=-1), datetime.timedelta.max,"
        " datetime.timedelta.min]",
    ),
    ("uuid.UUID", "uuid.UUID('12345678-1234-5678-1234-567812345678')"),
    ("pathlib.Path", "[pathlib.Path('/a/ü'), pathlib.Path('.'), pathlib.Path('x\\udcff')]"),
    ("enum.Enum", "[Colour.RED, Colour.MIXED, Level.LOW, Text.X, Flags.A | Flags.B, Flags(0)]"),
    ("namedtuple", "[Point(1, [2]), Outer.Inner(None)]"),
    ("dataclass", "[Frozen(1, [2, (3,)]), Slotted(1)]"),
    ("types.SimpleNamespace", "types.SimpleNamespace(a=1, b=types.SimpleNamespace())"),
    # numpy
    ("numpy scalar", "[np.dtype(t).type(1) for t in '?bBhHiIlLefdFD']"),
    ("numpy scalar", "[np.float64('nan'), np.complex64(1 - 2j), np.float16(-0.0)]"),
    ("numpy scalar", "[np.datetime64('2020-01-01'), np.datetime64('NaT', 'ns'), np.timedelta64(-5, '25s')]"),
    ("numpy scalar", "[np.void(b'abc'), np.array([(1, 2.5)], 'i4,f8')[0]]"),
    ("numpy.ndarray", "[np.array([0, 1], t) for t in '?bBhHiIqQefdFD']"),
    ("numpy.ndarray", "[np.array(7), np.zeros((0, 3)), np.zeros((2, 0)), np.zeros(())]"),
    ("numpy.ndarray", "np.arange(100_000.0).reshape(100, 10, 100)"),
    ("numpy.ndarray", "np.asfortranarray(np.arange(6).reshape(2, 3))"),
    ("numpy.ndarray", "[np.arange(24).reshape(2, 3, 4)[:, ::-1, ::2], np.arange(10)[::-3]]"),
    ("numpy.ndarray", "np.arange(40_000.0).reshape(200, 200).T[::-1]"),
    ("numpy.ndarray", "[np.array([1, 256], '>i4'), np.array([1.5 + 2j], '>c16'), np.arange(9e3).astype('>f8')]"),
    ("numpy.ndarray", "read_only(np.arange(3)), read_only(np.arange(100_000))"),
    ("numpy.ndarray", "np.array(['2020-01-01', 'NaT'], 'M8[D]')"),
    ("numpy.ndarray", "[np.array([1, -2], f'M8[{u}]') for u in ('Y', 'M', 'W', 'h', 'ms', '10us', 'ns', 'as')]"),
    ("numpy.ndarray", "[np.array([[1], [2]], 'm8[ns]'), np.array([1], '>m8[25s]'), np.zeros((0,), 'm8[s]')]"),
    ("numpy.ndarray", "[np.array([b'a', b'', b'xyz']), np.zeros(3, 'S0'), np.array(b'q')]"),
    ("numpy.ndarray", "[np.array([['ü', ''], ['a\\0b', '👩‍🚀']]), np.array(['x'], '>U3'), np.zeros((0, 2), 'U5')]"),
    ("numpy.ndarray", "np.array([b'ab', b'cd'], 'V2')"),
    ("numpy.ndarray", "np.array([(1, 2.5, 'x')], [('a', 'i4'), ('b', 'f8'), ('c', 'U3')])"),
    ("numpy.ndarray", "np.zeros((2, 2), np.dtype([('a', 'i1'), ('b', 'f8', (2, 3)), ('c', 'M8[s]')], align=True))"),
    ("numpy.ndarray", "np.zeros(2, [('p', [('x', 'f4'), ('y', '>f4')]), ('q', 'S3', 2)])"),
    ("numpy.ndarray", "np.zeros(3, [('a', 'i4'), ('b', 'f8'), ('c', 'i2')])[['a', 'c']]"),
    ("numpy.ma.MaskedArray", "np.ma.array([1.5, 2.5], mask=[True, False], fill_value=7)"),
    ("numpy.ma.MaskedArray", "[np.ma.array([1, 2]), np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [1, 1]])]"),
    ("numpy.ma.MaskedArray", "np.ma.array(np.array(['a', 'bc']), mask=[0, 1], hard_mask=True)"),
    # scipy
    *(
        ("scipy.sparse", f"sp.{form}_{kind}(np.array([[0, 1.5, 0], [2, 0, 3]]))")
        for form in ("csr", "csc", "coo")
        for kind in ("matrix", "array")
    ),
    ("scipy.sparse", "[sp.csr_matrix((3, 0)), sp.csc_array(np.eye(3, dtype='c8')), sp.csr_array((2, 5), dtype='i1')]"),
    ("scipy.sparse", "sp.coo_array(([1, 2, 3], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))"),
    # pandas
    ("pandas.Series", "pd.Series([1, 2], name='n')"),
    ("pandas.Series", "[pd.Series([], dtype=float), pd.Series([1.5, np.nan], index=['a', 'b'])]"),
    ("pandas.Series", "pd.Series(['a', None, 'c'])"),
    ("pandas.Series", "pd.Series([1, 'x', None, 2.5], dtype=object, name=('t', 1))"),
    ("pandas.Series", "pd.Series(pd.date_range('2020', periods=3, tz='Europe/Zurich'))"),
    ("pandas.Series", "pd.Series([1, None, 3], dtype='Int64'), pd.Series([True, None], dtype='boolean')"),
    ("pandas.Series", "pd.Series(pd.array([0.0, 1.0], dtype='Float64') / 0)"),
    ("pandas.Series", "pd.Series([1.5, None], dtype='Float32'), pd.Series(['a', None], dtype='string')"),
    ("pandas.Series", "pd.Series(pd.Categorical(['x', None, 'x'], categories=['y', 'x'], ordered=True))"),
    ("pandas.Series", "pd.Series([1, 2, 3], index=pd.MultiIndex.from_tuples([(1, 'a'), (1, 'b'), (2, 'a')], names=['p', None]))"),
    ("pandas.Index", "[pd.Index([1, 2], name='k'), pd.Index(['a', 'b']), pd.Index([1, 'a', None])]"),
    ("pandas.Index", "[pd.RangeIndex(2, 9, 3, name='r'), pd.RangeIndex(3)]"),
    ("pandas.Index", "[pd.DatetimeIndex(['2020-01-01', None]), pd.to_timedelta([1, 2], unit='s'), pd.CategoricalIndex(['a', 'b'])]"),
    ("pandas.Index", "pd.MultiIndex.from_product([[1, 2], ['a', 'b']], names=['x', 'y'])"),
    ("pandas.DataFrame", "pd.DataFrame({'i': [1, 2], 'f': [1.5, None], 's': ['a', None], 'b': [True, False]})"),
    ("pandas.DataFrame", "pd.DataFrame({'d': pd.to_datetime(['2020-01-01', None]), 'c': pd.Categorical(['x', 'y']), 'n': pd.array([1, None], dtype='Int8')}, index=pd.Index(['a', 'b'], name='k'))"),
    ("pandas.DataFrame", "[pd.DataFrame(), pd.DataFrame(columns=['a']), pd.DataFrame(index=[1, 2])]"),
    ("pandas.DataFrame", "pd.DataFrame([[1, 2], [3, 4]], columns=['a', 'a'])"),
    ("pandas.DataFrame", "pd.DataFrame(np.arange(60_000.0).reshape(20_000, 3), columns=pd.MultiIndex.from_tuples([('a', 1), ('a', 2), ('b', 1)]))"),
    ("pandas.Series", "pd.cut(pd.Series([1, 5, 9]), [0, 3, 6, 10]), pd.Series(pd.qcut([1.5, 2, 7, 9], 2))"),
    ("pandas.Series", "pd.Series(pd.arrays.IntervalArray.from_tuples([(0, 1), None, (2, 3)], closed='left'))"),
    ("pandas.Series", "pd.Series(pd.arrays.IntervalArray.from_breaks(pd.date_range('2024', periods=3)))"),
    ("pandas.Series", "pd.Series(pd.arrays.SparseArray([0, 0, 1]))"),
    ("pandas.Series", "pd.DataFrame({'a': [1], 'b': ['x'], 'c': [1.5], 'd': pd.Categorical(['u'])}).dtypes"),
    ("pandas.DataFrame", "pd.DataFrame({'p': pd.period_range('2024-01', periods=2, freq='M'), 'q': pd.PeriodIndex(['2024Q1', None], freq='Q')})"),
    ("pandas.Index", "[pd.period_range('2024-01-01', periods=3, freq='D'), pd.interval_range(0, 3), pd.timedelta_range('1h', periods=2)]"),
    ("pandas scalar", "[pd.Interval(0, 1.5, 'both'), pd.Interval(pd.Timestamp('2024'), pd.Timestamp('2025')), pd.Period('2024-02'), pd.Period('2024Q3')]"),
    ("pandas scalar", "[pd.offsets.MonthEnd(2), pd.offsets.Hour(3), pd.offsets.BDay(), pd.tseries.frequencies.to_offset('W-WED')]"),
    ("pandas scalar", "[pd.Int64Dtype(), pd.CategoricalDtype(['a', 'b'], True), pd.DatetimeTZDtype('ns', 'UTC'), pd.StringDtype(), pd.PeriodDtype('M')]"),
    ("pandas.Series", "pd.Series(['2024-01-31T12:00:00']).astype('datetime64[us]').astype(pd.ArrowDtype(pa.timestamp('us')))"),
    ("pandas.Series", "pd.Series([datetime.date(2024, 1, 31), None], dtype=pd.ArrowDtype(pa.date32()))"),
    ("pandas.Series", "pd.Series(pd.to_datetime(['2024-01-31'])).astype(pd.ArrowDtype(pa.timestamp('us', 'Europe/Berlin')))"),
    ("pandas.Series", "pd.Series([[1, 2], None, []], dtype=pd.ArrowDtype(pa.list_(pa.int64())))"),
    ("pandas.Series", "pd.Series([decimal.Decimal('1.50'), None], dtype=pd.ArrowDtype(pa.decimal128(5, 2)))"),
    ("pandas.Series", "[pd.Series(['a', None], dtype=kind) for kind in ('string[pyarrow]', pd.ArrowDtype(pa.string()), 'string[python]')]"),
    ("pandas.DataFrame", "pd.DataFrame({'i': pd.array([1, None], pd.ArrowDtype(pa.int64())), 'b': pd.array([True, None], 'bool[pyarrow]')})"),
    ("pandas scalar", "[pd.ArrowDtype(pa.int64()), pd.Series(['a'], dtype='string[pyarrow]').dtype]"),
    ("numpy.dtype", "[np.dtype('f4'), np.dtype('M8[ns]'), np.dtype(object), np.dtype([('a', 'i4'), ('b', 'U3')])]"),
    ("pandas scalar", "[pd.Timestamp('2020-01-01T00:00:00.000000001'), pd.Timestamp('2020-06-01', tz='Europe/Zurich'), pd.Timedelta(5), pd.NaT, pd.NA]"),
    # COMPAS
    ("compas Data", "[cg.Point(1, 2, 3), cg.Vector(1, 0, 0), cg.Frame([0, 0, 0], [1, 0, 0], [0, 1, 0])]"),
    ("compas Data", "[cg.Polyline([[0, 0, 0], [1, 1, 1]]), cd.Mesh.from_polyhedron(4)]"),
    ("compas Data", "named(cg.Line([0, 0, 0], [1, 0, 0]), 'edge')"),
]

LIBRARIES = {"np": "numpy", "sp": "scipy.sparse", "pd": "pandas", "pa": "pyarrow", "cg": "compas.geometry", "cd": "compas.datastructures"}


def imported():
    """The libraries that are installed, by the names that expressions use for them."""
    found = {}
    for name, module in LIBRARIES.items():
        if importlib.util.find_spec(module.partition(".")[0]):
            found[name] = importlib.import_module(module)
    return found


def needs(source):
    return [name for name in LIBRARIES if f"{name}." in source]


def can_make(source):
    found = imported()
    return all(name in found for name in needs(source))


def cases():
    found = imported()
    return [(kind, source) for kind, source in CASES if all(n in found for n in needs(source))]


def make(source):
    return eval(source, {**globals(), **imported()})


def read_only(array):
    array.flags.writeable = False
    return array


def named(value, name):
    value.name = name
    return value


def difference(value, source):
    """What has changed on the way; an empty text if nothing has."""
    return compare(make(source), value, "value")


def echo(value):
    return value


def compare(a, b, place):
    if type(a) is not type(b):
        return f"{place}: {type(a).__name__} became {type(b).__name__}"
    libraries = imported()
    np = libraries.get("np")
    if isinstance(a, float):
        same = struct.pack("d", a) == struct.pack("d", b)
    elif isinstance(a, complex):
        same = struct.pack("dd", a.real, a.imag) == struct.pack("dd", b.real, b.imag)
    elif isinstance(a, decimal.Decimal):
        same = str(a) == str(b)
    elif isinstance(a, (list, tuple)) and not hasattr(a, "_fields"):
        if len(a) != len(b):
            return f"{place}: {len(a)} items became {len(b)}"
        return next(filter(None, (compare(x, y, f"{place}[{i}]") for i, (x, y) in enumerate(zip(a, b)))), "")
    elif isinstance(a, dict):
        if list(a) != list(b):
            return f"{place}: keys {list(a)!r} became {list(b)!r}"
        return next(filter(None, (compare(a[k], b[k], f"{place}[{k!r}]") for k in a)), "")
    elif isinstance(a, slice):
        return compare((a.start, a.stop, a.step), (b.start, b.stop, b.step), place)
    elif isinstance(a, memoryview):
        same = (a.tobytes(), a.format, a.shape, a.readonly) == (b.tobytes(), b.format, b.shape, b.readonly)
    elif isinstance(a, datetime.datetime) and type(a) is datetime.datetime:
        same = (a.replace(tzinfo=None), a.fold, repr(a.tzinfo)) == (b.replace(tzinfo=None), b.fold, repr(b.tzinfo))
    elif np and isinstance(a, np.ma.MaskedArray):
        same = (
            a.hardmask == b.hardmask
            and (a.mask is np.ma.nomask) == (b.mask is np.ma.nomask)
            and not compare(a.data, b.data, place)
            and np.array_equal(np.ma.getmaskarray(a), np.ma.getmaskarray(b))
            and a.fill_value == b.fill_value
        )
    elif np and isinstance(a, (np.ndarray, np.generic)):
        if not isinstance(b, np.generic) and not b.flags.writeable:
            return f"{place}: an array that cannot be written to"
        wide = a.dtype.newbyteorder("<")
        same = wide == b.dtype.newbyteorder("<") and a.shape == b.shape
        same = same and np.asarray(a, wide).tolist().__repr__() == np.asarray(b, wide).tolist().__repr__()
        if a.dtype.kind == "c":
            same = same and np.asarray(a, wide).tobytes() == np.asarray(b, wide).tobytes()
    elif "sp" in libraries and libraries["sp"].issparse(a):
        same = a.shape == b.shape and a.dtype == b.dtype and a.nnz == b.nnz and (a != b).nnz == 0
    elif "pd" in libraries and type(a).__module__.startswith("pandas"):
        testing = libraries["pd"].testing
        name = {"DataFrame": "frame", "Series": "series"}.get(type(a).__name__)
        if name is None and isinstance(a, libraries["pd"].Index):
            name = "index"
        if name is None:
            same = a is b or a == b
        else:
            try:
                getattr(testing, f"assert_{name}_equal")(a, b)
            except AssertionError as error:
                return f"{place}: {error}"
            same = True
    elif hasattr(a, "guid"):
        data = "__data__" if hasattr(type(a), "__data__") else "data"
        return compare((getattr(a, data), a.name), (getattr(b, data), b.name), place)
    else:
        same = a == b
    return "" if same else f"{place}: {a!r} became {b!r}"[:2000]


def random_value(seed):
    """A nested value of any of the types that need no library."""
    return _random(random.Random(seed), 4)


def random_difference(value, seed):
    return compare(random_value(seed), value, "value")


def _random(source, depth):
    leaves = [
        lambda: None,
        lambda: source.random() < 0.5,
        lambda: source.getrandbits(source.choice([3, 8, 31, 63, 64, 65, 500])) * source.choice([1, -1]),
        lambda: struct.unpack("d", source.randbytes(8))[0],
        lambda: complex(source.gauss(0, 1), source.gauss(0, 1)),
        lambda: "".join(chr(source.choice([9, 65, 228, 0x6C34, 0x1F680])) for _ in range(source.randrange(20))),
        lambda: source.randbytes(source.randrange(30)),
        lambda: bytearray(source.randbytes(source.randrange(30))),
        lambda: decimal.Decimal(source.getrandbits(80)).scaleb(source.randrange(-40, 40)),
        lambda: fractions.Fraction(source.randrange(-1000, 1000), source.randrange(1, 1000)),
        lambda: datetime.datetime(source.randrange(1, 9999), 1 + source.randrange(12), 1 + source.randrange(28), source.randrange(24), microsecond=source.randrange(10**6)),
        lambda: datetime.timedelta(microseconds=source.randrange(-(10**15), 10**15)),
        lambda: uuid.UUID(int=source.getrandbits(128)),
        lambda: range(source.randrange(100), source.randrange(100), source.randrange(1, 9)),
        lambda: source.choice([Colour.RED, Level.LOW, Flags.A, pathlib.Path("a/b")]),
    ]
    if depth == 0 or source.random() < 0.3:
        return source.choice(leaves)()
    items = [_random(source, depth - 1) for _ in range(source.randrange(6))]
    kind = source.randrange(7)
    if kind == 0:
        return items
    if kind == 1:
        return tuple(items)
    if kind == 2:
        return Point(items, depth)
    if kind == 3:
        return Frozen(depth, items)
    if kind == 4:
        return [source.gauss(0, 1) for _ in range(source.randrange(50))]
    keys = [source.choice(leaves)() for _ in items]
    keys = [k for k in keys if not isinstance(k, (bytearray,)) and k == k]
    if kind == 5:
        return set(keys)
    return dict(zip(keys, items))
