import CompasTypes
import Foundation
import OrderedCollections
import Testing

@testable import PythonProxy

/// The last column of the table of Values.md: every type in it is asked for, of a value of its row, with the real
/// packages.
@Suite(.timeLimit(.minutes(10)))
struct AskedForTableTests {
    struct Station: Codable, Equatable, Sendable {
        var name: String
        var height: Int
    }
    enum Colour: Int, Codable, Sendable { case red = 1, green }

    /// One cell of the table that is checked.
    struct Request: Sendable {
        let type: String
        let source: String
        /// What is wrong; nil if nothing is.
        let check: @Sendable (Proxy) async throws -> String?

        init<Value: Decodable & Equatable & Sendable>(
            _ type: String, _ source: String, _ expected: Value
        ) {
            (self.type, self.source) = (type, source)
            check = { proxy in
                let value: Value = try await proxy.make(source)
                guard value == expected else { return "\(value), not \(expected)" }
                // An untyped result can be asked for the same later.
                let kept = try await proxy.make(source)
                let later = try kept.as(Value.self)
                return later == expected ? nil : "\(later) later, not \(expected)"
            }
        }

        init(
            _ type: String, _ source: String,
            _ check: @escaping @Sendable (Proxy) async throws -> Bool
        ) {
            (self.type, self.source) = (type, source)
            self.check = { try await check($0) ? nil : "another value" }
        }
    }

    static let noon = Date(timeIntervalSince1970: 1_706_702_400)
    static let aware = "datetime.datetime(2024, 1, 31, 12, tzinfo=datetime.timezone.utc)"
    static let station = Station(name: "Davos", height: 1560)

    static let requests: [String: [Request]] = [
        "None": [
            .init("Int?", "None", Int?.none), .init("[Double]?", "None", [Double]?.none),
            .init("Int?", "math.nan", Int?.none),
        ],
        "bool": [.init("Bool", "True", true)],
        "int": [
            .init("Int", "-3", -3), .init("UInt8", "255", UInt8(255)),
            .init("Int128", "2**100", Int128(1) << 100), .init("Double", "2**53", 0x1p53),
            .init(
                "PythonInteger", "2**200",
                PythonInteger(isNegative: false, magnitude: [1] + [UInt8](repeating: 0, count: 25))),
        ],
        "float": [
            .init("Double", "0.1", 0.1), .init("Float", "0.1", Float(0.1)), .init("Int", "3.0", 3),
        ],
        "complex": [.init("Complex<Double>", "1-2j", Complex(1.0, -2))],
        "str": [
            .init("String", "'ü'", "ü"),
            .init(
                "UUID", "'12345678-1234-5678-1234-567812345678'",
                UUID(uuidString: "12345678-1234-5678-1234-567812345678")),
            .init("URL", "'https://a.org/b'", URL(string: "https://a.org/b")),
        ],
        "bytes": [
            .init("Data", "b'ab'", Data([97, 98])), .init("[UInt8]", "b'ab'", [UInt8]([97, 98])),
        ],
        "bytearray, memoryview": [
            .init("Data", "bytearray(b'ab')", Data([97, 98])),
            .init("Data", "memoryview(b'ab')", Data([97, 98])),
            .init("[UInt8]", "bytearray(b'ab')", [UInt8]([97, 98])),
            .init("PythonMemoryView", "memoryview(b'ab')", PythonMemoryView([97, 98])),
        ],
        "list, tuple": [
            .init("[Int]", "[1, 2]", [1, 2]), .init("[Int]", "(1, 2)", [1, 2]),
            .init("[Double?]", "[1.5, None, math.nan]", [1.5, nil, nil] as [Double?]),
            .init("[[Int]]", "[(1,), [2, 3]]", [[1], [2, 3]]),
            .init("(Int, String)", "(1, 'x')") { proxy in
                let (number, text): (Int, String) = try await proxy.make("(1, 'x')")
                return number == 1 && text == "x"
            },
        ],
        "dict": [
            .init("[String: Int]", "{'a': 1}", ["a": 1]),
            .init("[Int: Double]", "{1: 2.5}", [1: 2.5]),
            .init(
                "OrderedDictionary<String, Int>", "{'b': 1, 'a': 2}",
                ["b": 1, "a": 2] as OrderedDictionary),
            .init(
                "PythonDictionary", "{'b': 1, (1,): 2}",
                ["b": 1, .tuple([1]): 2] as PythonDictionary),
            .init("Station", "{'name': 'Davos', 'height': 1560}", station),
        ],
        "set, frozenset": [
            .init("Set<Int>", "{1, 2}", Set([1, 2])), .init("Set<Int>", "frozenset({3})", Set([3])),
            .init("[Int]", "{30, 4, 100}", [4, 30, 100]),
        ],
        "range": [
            .init("Range<Int>", "range(2, 5)", 2..<5),
            .init("ClosedRange<Int>", "range(1, 4)", 1...3),
            .init("[Int]", "range(5, 0, -2)", [5, 3, 1]),
            .init("PythonRange", "range(5, 0, -2)", PythonRange(5, 0, step: -2)),
        ],
        "slice": [.init("PythonSlice", "slice(1, None, 2)", PythonSlice(1, nil, step: 2))],
        "decimal.Decimal": [
            .init("Decimal", "decimal.Decimal('1.50')", Decimal(string: "1.5")),
            .init("PythonDecimal", "decimal.Decimal('1.50')", PythonDecimal("1.50")),
        ],
        "fractions.Fraction": [
            .init("PythonFraction", "fractions.Fraction(-1, 3)", PythonFraction(-1, 3))
        ],
        "datetime.datetime": [
            .init("Date", aware, noon), .init("Date", "datetime.datetime(2024, 1, 31, 12)", noon),
            .init(
                "PythonDateTime", "datetime.datetime(2024, 1, 31, 12)",
                PythonDateTime(
                    PythonDate(year: 2024, month: 1, day: 31), PythonTime(hour: 12, minute: 0))),
        ],
        "datetime.date, datetime.time": [
            .init(
                "PythonDate", "datetime.date(2024, 1, 31)",
                PythonDate(year: 2024, month: 1, day: 31)),
            .init("PythonTime", "datetime.time(12, 30)", PythonTime(hour: 12, minute: 30)),
        ],
        "datetime.timedelta": [
            .init("Duration", "datetime.timedelta(seconds=1.5)", Duration.seconds(1.5)),
            .init(
                "PythonTimeDelta", "datetime.timedelta(seconds=-1.5)",
                PythonTimeDelta(seconds: -2, microseconds: 500_000)),
        ],
        "uuid.UUID": [
            .init(
                "UUID", "uuid.UUID(int=1)", UUID(uuidString: "00000000-0000-0000-0000-000000000001")
            ),
            .init("String", "uuid.UUID(int=1)", "00000000-0000-0000-0000-000000000001"),
        ],
        "pathlib.Path": [
            .init("URL", "pathlib.Path('/a/b')", URL(fileURLWithPath: "/a/b")),
            .init("String", "pathlib.Path('/a/b')", "/a/b"),
            .init("PythonPath", "pathlib.Path('/a/b')", PythonPath("/a/b")),
        ],
        "enum.Enum and its kinds": [
            .init("Int", "Level.LOW", 1), .init("Int", "Colour.RED", 1),
            .init("Colour", "Colour.RED", Colour.red),
            .init(
                "PythonEnum", "Colour.RED",
                PythonEnum(
                    PythonClassName(module: "fidelity", qualifiedName: "Colour"), name: "RED",
                    value: 1)),
        ],
        "namedtuple, a structure such as `os.stat()`": [
            .init("(Int, Int)", "Point(1, 2)") { proxy in
                let (x, y): (Int, Int) = try await proxy.make("Point(1, 2)")
                return x == 1 && y == 2
            },
            .init("[Int]", "Point(1, 2)", [1, 2]),
            .init("Station", "collections.namedtuple('S', 'name height')('Davos', 1560)", station),
            .init(
                "PythonNamedTuple", "Point(1, 2)",
                PythonNamedTuple(
                    PythonClassName(module: "fidelity", qualifiedName: "Point"), names: ["x", "y"],
                    values: [1, 2])),
        ],
        "dataclass": [
            .init("[String: Int]", "Numbers(1, 2)", ["a": 1, "b": 2]),
            .init("Station", "Station('Davos', 1560)", station),
            .init(
                "PythonDataclass", "Numbers(1, 2)",
                PythonDataclass(
                    PythonClassName(module: "fidelity", qualifiedName: "Numbers"),
                    fields: ["a": 1, "b": 2])),
        ],
        "types.SimpleNamespace": [
            .init("[String: Int]", "types.SimpleNamespace(a=1)", ["a": 1]),
            .init("Station", "types.SimpleNamespace(name='Davos', height=1560)", station),
            .init("PythonNamespace", "types.SimpleNamespace(a=1)", PythonNamespace(["a": 1])),
        ],
        "numpy.ndarray": [
            .init("NDArray<Double>", "np.arange(2.0)", NDArray([0.0, 1])),
            .init("AnyNDArray", "np.arange(2.0)", NDArray([0.0, 1]).erased),
            .init("[[Double]]", "np.ones((1, 2))", [[1.0, 1]]),
            .init("[String]", "np.array(['a', 'bc'])", ["a", "bc"]),
            .init("[Date]", "np.array(['2024-01-31T12'], 'M8[s]')", [noon]),
        ],
        "numpy.dtype": [.init("String", "np.dtype('f4')", "float32")],
        "numpy scalar": [
            .init("Double", "np.float64(1.5)", 1.5), .init("Int", "np.int16(3)", 3),
            .init("Bool", "np.bool_(True)", true),
            .init("Date", "np.datetime64('2024-01-31T12:00')", noon),
            .init("Duration", "np.timedelta64(1500, 'ms')", Duration.seconds(1.5)),
        ],
        "numpy.ma.MaskedArray": [
            .init(
                "[Double?]", "np.ma.masked_array([1.5, 2], [False, True])", [1.5, nil] as [Double?]),
            .init("MaskedArray", "np.ma.masked_array([1.5, 2], [False, True])") { proxy in
                let array: MaskedArray = try await proxy.make(
                    "np.ma.masked_array([1.5, 2], [False, True])")
                return array.data == NDArray([1.5, 2]).erased
                    && array.mask == NDArray([false, true]).erased
            },
        ],
        "scipy.sparse in CSR, CSC, COO": [
            .init("SparseArray", "sp.csr_array([[0, 1.5]])") { proxy in
                let array: SparseArray = try await proxy.make("sp.csr_array([[0, 1.5]])")
                return array.shape == [1, 2] && array.data == NDArray([1.5]).erased
            }
        ],
        "pandas.DataFrame": [
            .init("[Station]", "pd.DataFrame({'name': ['Davos'], 'height': [1560]})", [station]),
            .init("[String: [Int]]", "pd.DataFrame({'a': [1, 2]})", ["a": [1, 2]]),
            .init("NDArray<Int>", "pd.DataFrame({'a': [1], 'b': [2]})") { proxy in
                let matrix: NDArray<Int> = try await proxy.make(
                    "pd.DataFrame({'a': [1], 'b': [2]})")
                return matrix == NDArray([[1, 2]])
            },
            .init("PandasDataFrame", "pd.DataFrame({'a': [1, 2]})") { proxy in
                let frame: PandasDataFrame = try await proxy.make("pd.DataFrame({'a': [1, 2]})")
                return try frame.column("a").as([Int].self) == [1, 2]
            },
        ],
        "pandas.Series, pandas.Index, extension arrays": [
            .init("[Int?]", "pd.Series([1, None], dtype='Int64')", [1, nil] as [Int?]),
            .init("[Int?]", "pd.array([1, None], dtype='Int64')", [1, nil] as [Int?]),
            .init("[Int?]", "pd.RangeIndex(2)", [0, 1] as [Int?]),
            .init(
                "[Date?]", "pd.Series(pd.to_datetime(['2024-01-31T13:00+01:00', None]))",
                [noon, nil] as [Date?]),
            .init("NDArray<Int>", "pd.Series([1, 2])", NDArray([1, 2])),
            .init("NDArray<Int>", "pd.Index([1, 2])", NDArray([1, 2])),
            .init("PandasSeries", "pd.Series([1, 2], name='n')") { proxy in
                let series: PandasSeries = try await proxy.make("pd.Series([1, 2], name='n')")
                return series.name == "n" && series.values == .array(NDArray([1, 2]).erased)
            },
            .init("PandasObject", "pd.Index([1, 2], name='k')") { proxy in
                let index: PandasObject = try await proxy.make("pd.Index([1, 2], name='k')")
                return index.kind == .index && index.parts[0] == "k"
            },
            .init("[String: Int]", "pd.Series([1, 2], ['a', 'b'])") { proxy in
                let values: [String: Int] = try await proxy.make("pd.Series([1, 2], ['a', 'b'])")
                return values == ["a": 1, "b": 2]
            },
        ],
        "pandas scalar: Timestamp, Timedelta, NaT, NA, Period, Interval, offsets, dtypes": [
            .init("Date", "pd.Timestamp('2024-01-31T13:00', tz='Europe/Zurich')", noon),
            .init("Duration", "pd.Timedelta('1.5s')", Duration.seconds(1.5)),
            .init("Int?", "pd.NA", Int?.none), .init("Int?", "pd.NaT", Int?.none),
            .init("String", "pd.Period('2024-01')", "2024-01"),
            .init("String", "pd.Interval(0, 1)", "(0, 1]"),
            .init("String", "pd.Int64Dtype()", "Int64"),
            .init("PandasObject", "pd.NaT", PandasObject(.notATime)),
        ],
        "compas Data": [
            .init(
                "Frame", "cg.Frame.worldXY()",
                Frame(point: Point(0, 0, 0), xaxis: Vector(1, 0, 0), yaxis: Vector(0, 1, 0))),
            .init("CompasData", "cg.Point(1, 2, 3)") { proxy in
                let point: CompasData = try await proxy.make("cg.Point(1, 2, 3)")
                return point.dtype == "compas.geometry/Point"
            },
        ],
    ]

    /// The rows of the table: what stands in its first column, and the types in its last.
    private static func rows() throws -> [(name: String, types: [String])] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/PythonProxy/PythonProxy.docc/Values.md")
        let text = try String(contentsOf: page.standardized, encoding: .utf8)
        let lines = text.components(separatedBy: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| Python | `PythonValue`") })
        return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.dropFirst().components(separatedBy: " | ")
            // What stands between single backticks.
            let parts = cells[cells.count - 1].replacingOccurrences(of: "``", with: "¨")
                .components(separatedBy: "`")
            return (
                cells[0].trimmingCharacters(in: .whitespaces),
                parts.indices.filter { !$0.isMultiple(of: 2) }.map { parts[$0] }
            )
        }
    }

    @Test func everyTypeOfTheTableIsTested() throws {
        let rows = try Self.rows()
        #expect(rows.count == Self.requests.count)
        for (name, types) in rows {
            let tested = Set(Self.requests[name, default: []].map(\.type))
            #expect(tested == Set(types), "the row of \(name)")
        }
    }

    @Test(.needsPackages, arguments: ValueTableTests.environments)
    func everyTypeOfTheTableCanBeAskedFor(environment: TestEnvironment) async throws {
        let source = try String(contentsOfFile: ValueTableTests.fixture, encoding: .utf8)
        try await Workspace.with(environment, modules: ["fidelity": source]) { workspace in
            try await workspace.withProxy("fidelity", { _ in }) { proxy in
                var count = 0
                for (name, requests) in Self.requests {
                    for request in requests {
                        let needs: Bool = try await proxy.can_make(request.source)
                        guard needs else { continue }
                        count += 1
                        do {
                            if let problem = try await request.check(proxy) {
                                Issue.record(
                                    "\(name) as \(request.type), \(request.source): \(problem)")
                            }
                        } catch {
                            Issue.record("\(name) as \(request.type), \(request.source): \(error)")
                        }
                    }
                }
                #expect(count > 50)
            }
        }
    }
}
