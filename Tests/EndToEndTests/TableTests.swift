import Foundation
import Testing

@testable import PythonProxy

/// Tables of pandas: as rows of a type, as columns, printed.
@Suite(.timeLimit(.minutes(5)))
struct TableTests {
    static let module = """
        import datetime, io
        import numpy as np, pandas as pd

        TEXT = '''trip_id,vendor,pickup,passenger_count,tip
        7,A,2024-01-31 12:00:00,2,1.5
        8,B,2024-02-01 13:30:00,,
        9,,,1,0.25
        '''.replace(" " * 8, "")
        def trips():
            return pd.read_csv(io.StringIO(TEXT), parse_dates=["pickup"])
        def kinds():
            return pd.DataFrame({
                "category": pd.Categorical(["x", None, "y"]),
                "count": pd.array([1, None, 3], dtype="Int64"),
                "flag": pd.array([True, False, None], dtype="boolean"),
                "text": pd.array(["a", None, "c"], dtype="string"),
                "moment": pd.to_datetime(["2024-01-31T12:00+01:00", None, "2024-01-31T11:00Z"], utc=True),
                "span": pd.to_timedelta([1.5, None, 2], unit="s"),
                "month": pd.PeriodIndex(["2024-01", None, "2024-03"], freq="M"),
                "bin": pd.cut([1, 5, 9], [0, 3, 6, 10]).astype(str),
                "number": [1.5, np.nan, 3],
                "whole": [1, 2, 3],
            })
        def twice(): return pd.DataFrame([[1, 2, 3]], columns=["a", "a", "b"])
        def make(text): return eval(text)
        def naive():
            at = datetime.datetime(2024, 1, 31, 12)
            return [at, pd.Timestamp(at), np.datetime64(at), at.replace(tzinfo=datetime.timezone.utc)]
        """

    private func withModule(
        _ environment: TestEnvironment, _ body: (Proxy) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["tables": Self.module]) { workspace in
            try await workspace.withProxy("tables", { _ in }, body)
        }
    }

    struct Trip: Decodable, Equatable {
        var tripId: Int
        var vendor: String?
        var pickup: Date?
        var passengerCount: Int?
        var tip: Double?
    }

    struct NamedTrip: Decodable, Equatable {
        var number: Int
        var time: Date?

        private enum CodingKeys: String, CodingKey {
            case number = "trip_id"
            case time = "pickup"
        }
    }

    @Test(.needsPackages, arguments: [TestEnvironment.science1, .science2])
    func rowsAreOfAnyDecodableType(environment: TestEnvironment) async throws {
        try await withModule(environment) { tables in
            let trips: [Trip] = try await tables.trips()
            let noon = Date(timeIntervalSince1970: 1_706_702_400)
            let expected = [
                Trip(tripId: 7, vendor: "A", pickup: noon, passengerCount: 2, tip: 1.5),
                Trip(
                    tripId: 8, vendor: "B", pickup: noon + 91_800, passengerCount: nil, tip: nil),
                Trip(tripId: 9, vendor: nil, pickup: nil, passengerCount: 1, tip: 0.25),
            ]
            #expect(trips == expected)
            let named: [NamedTrip] = try await tables.trips()
            #expect(named[0] == NamedTrip(number: 7, time: noon))
            let dictionaries: [[String: PythonValue]] = try await tables.trips()
            #expect(dictionaries[2]["trip_id"] == 9)
            #expect(dictionaries[1]["tip"].map { try? $0.as(Double?.self) } == .some(.some(nil)))
            let values: [PythonValue] = try await tables.trips()
            #expect(values[1]["vendor"] == "B")
            // What has been kept can be asked for later.
            let kept = try await tables.trips()
            #expect(try kept.as([Trip].self) == expected)
            #expect(try kept["tip"].as([Double?].self) == [1.5, nil, 0.25])
            let numbered: [[Int: Double]] = try await tables.make(
                "pd.DataFrame([[1.5, 2], [3, 4]])")
            #expect(numbered == [[0: 1.5, 1: 2], [0: 3, 1: 4]])
            let columns: [String: [Double?]] = try await tables.make(
                "trips()[['trip_id', 'tip']]")
            #expect(columns == ["trip_id": [7, 8, 9], "tip": [1.5, nil, 0.25]])
        }
    }

    struct Kinds: Decodable, Equatable {
        var category: String?
        var count: Int?
        var flag: Bool?
        var text: String?
        var moment: Date?
        var span: Duration?
        var month: String?
        var bin: String
        var number: Double?
        var whole: Int
    }

    @Test(.needsPackages, arguments: [TestEnvironment.science1, .science2])
    func columnsOfEveryKindAreReadAndMissingValuesAreNil(
        environment: TestEnvironment
    ) async throws {
        try await withModule(environment) { tables in
            let rows: [Kinds] = try await tables.kinds()
            let moment = Date(timeIntervalSince1970: 1_706_698_800)
            #expect(
                rows[0]
                    == Kinds(
                        category: "x", count: 1, flag: true, text: "a", moment: moment,
                        span: .seconds(1.5), month: "2024-01", bin: "(0, 3]", number: 1.5,
                        whole: 1))
            #expect(
                rows[1]
                    == Kinds(
                        category: nil, count: nil, flag: false, text: nil, moment: nil, span: nil,
                        month: nil, bin: "(3, 6]", number: nil, whole: 2))
            #expect(try (try await tables.kinds()).as([Kinds].self) == rows)
            for source in [
                "kinds().number", "kinds().number.to_numpy()", "[1.5, float('nan'), 3.0]",
            ] {
                let numbers: [Double?] = try await tables.make(source)
                #expect(numbers == [1.5, nil, 3], "\(source)")
            }
            let bins: [String] = try await tables.make("pd.cut(pd.Series([1, 5]), [0, 3, 6])")
            #expect(bins == ["(0, 3]", "(3, 6]"])
            let types: [String: String] = try await tables.make(
                "kinds()[['whole', 'number']].dtypes")
            #expect(types == ["whole": "int64", "number": "float64"])
            let counts: [String: Int] = try await tables.make(
                "pd.Series(['a', 'b', 'a']).value_counts()")
            #expect(counts == ["a": 2, "b": 1])
            let matrix: NDArray<Int> = try await tables.make("pd.DataFrame({'a': [1], 'b': [2]})")
            #expect(matrix == NDArray([[1, 2]]))
        }
    }

    @Test(.needsPackages, arguments: [TestEnvironment.science1, .science2])
    func timesWithoutAZoneAreInUTCWhoeverHasMadeThem(environment: TestEnvironment) async throws {
        try await withModule(environment) { tables in
            let noon = Date(timeIntervalSince1970: 1_706_702_400)
            let times: [Date] = try await tables.naive()
            #expect(times == [noon, noon, noon, noon])
            let kept = try await tables.naive()
            #expect(try kept.as([Date].self) == times)
            let column: [Date] = try await tables.make("pd.Series(naive()[:2])")
            #expect(column == [noon, noon])
        }
    }

    @Test(.needsPackages, arguments: [TestEnvironment.science1, .science2])
    func aColumnThatIsThereTwiceIsAnErrorForWhoNamesIt(environment: TestEnvironment) async throws {
        struct A: Decodable { var a: Int }
        struct B: Decodable { var b: Int }
        try await withModule(environment) { tables in
            let error = await #expect(throws: ProxyError.self) {
                let rows: [A] = try await tables.twice()
                _ = rows
            }
            #expect(
                "\(error as Any)".contains("twice: result: the DataFrame has several columns 'a'"))
            let rows: [B] = try await tables.twice()
            #expect(rows.map(\.b) == [3])
            let kept = try await tables.twice()
            #expect(throws: ProxyError.self) { try kept.as([A].self) }
            #expect(try kept.as(PandasDataFrame.self).columnLabels == ["a", "a", "b"])
        }
    }

    @Test(.needsPackages, arguments: [TestEnvironment.science1, .science2])
    func valuesArePrintedAsPythonPrintsThem(environment: TestEnvironment) async throws {
        try await withModule(environment) { tables in
            for source in [
                "trips()", "kinds()", "pd.Series([1, 2])", "pd.Timestamp('2024-01-31', tz='UTC')",
                "pd.Index([1])", "datetime.datetime(2024, 1, 31)", "datetime.timedelta(1.5)",
                "[datetime.date(2024, 1, 31), 'x', {1: (2.5,)}]", "{3, 1, 2}", "'text'",
                "np.arange(6.0).reshape(2, 3)", "__import__('decimal').Decimal('1.50')",
                "np.float32(1.5)",
                "__import__('fractions').Fraction(1, 3)", "range(3)", "slice(1, 2)", "pd.NaT",
                "__import__('pathlib').Path('/a')",
                "__import__('collections').namedtuple('P', 'x')(1)",
                "np.ma.masked_array([1, 2], [True, False])", "bytearray(b'x')",
                "pd.Period('2024-01')",
            ] {
                let value = try await tables.make(source)
                let text: String = try await tables.make("str(\(source))")
                #expect("\(value)" == text, "\(source)")
                if !source.hasPrefix("np.float32") {
                    let representation: String = try await tables.make("repr(\(source))")
                    #expect(value.debugDescription == representation, "\(source)")
                }
            }
            let long = try await tables.make("pd.Series(['x' * 20_000])")
            #expect("\(long)".count <= 10_000)
        }
    }
}
