import Foundation
import Testing

@testable import PythonProxy

/// Values that go to Swift and back are what they were, or are refused; they are never other values.
@Suite(.timeLimit(.minutes(5)))
struct SameValueTests {
    static let module = #"""
        import collections, dataclasses, datetime, enum, functools, os, resource, time
        import numpy
        from scipy import stats
        try: import pytz
        except ModuleNotFoundError: pytz = None

        class Way(enum.Enum):
            NEAR = enum.member(functools.partial(round))
            FAR = object()
        class Odd(enum.Enum):
            NAN = float("nan")
        class Color(enum.Flag):
            RED = 1
            GREEN = 2
        @dataclasses.dataclass
        class Output(dict):
            first: int = 1
        class Tags(set): pass
        class Frozen(frozenset): pass
        class Bytes(bytearray): pass
        class Time(datetime.datetime): pass

        def zurich(fold):
            return pytz.timezone("Europe/Zurich").localize(datetime.datetime(2021, 10, 31, 2, 30), is_dst=not fold)
        def local_mean_time():
            return datetime.datetime(2021, 1, 1, 0, 0, tzinfo=pytz.timezone("Europe/Zurich"))
        def has_pytz(): return pytz is not None
        def make(text): return eval(text)
        def same(value, text):
            other = eval(text)
            return type(value) is type(other) and repr(value) == repr(other)
        def moment(value, text):
            other = eval(text)
            return value.timestamp() == other.timestamp() and value.utcoffset() == other.utcoffset()
        """#

    private func with(
        _ environment: TestEnvironment, _ body: (Proxy) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { _ in }, body)
        }
    }

    @Test(.needsPackages, arguments: [TestEnvironment.science1, .science2])
    func valuesComeBackAsTheyWere(environment: TestEnvironment) async throws {
        try await with(environment) { sample in
            for source in [
                "stats.linregress([1.0, 2, 3], [2.0, 4.1, 5.9])",
                "os.stat(os.__file__)", "time.localtime(0)", "os.terminal_size((80, 24))",
                "os.times_result((1.0, 2.0, 3.0, 4.0, 5.0))", "Way.NEAR", "Way.FAR", "Odd.NAN",
                "Color.RED",
                "Color.RED | Color.GREEN",
            ] {
                let value: PythonValue = try await sample.make(source)
                let same: Bool = try await sample.same(value, source)
                #expect(same, "\(source): \(value)")
            }
            // Made with attributes of its own, which nobody knows of.
            let test: PythonValue = try await sample.make("stats.ttest_ind([1, 2, 3.], [2, 3, 5.])")
            await #expect(throws: ProxyError.self) { try await sample.same(test, "None") }
            let status: PythonValue = try await sample.make("os.stat(os.__file__)")
            #expect(status["st_size"] != .none && status["st_mtime"] != .none)
            // The base, as for subclasses of the other built-in types.
            for (source, base) in [
                ("Tags({1})", "{1}"), ("Frozen({1})", "frozenset({1})"),
                ("Bytes(b'x')", "bytearray(b'x')"),
                ("Time(2024, 1, 31)", "datetime.datetime(2024, 1, 31)"),
            ] {
                let value: PythonValue = try await sample.make(source)
                let same: Bool = try await sample.same(value, base)
                #expect(same, "\(source): \(value)")
            }
            let masked: Double? = try await sample.make(
                "numpy.ma.masked_array([1.0], mask=[True]).mean()")
            #expect(masked == nil)
            let error = await #expect(throws: ProxyError.self) {
                let _: PythonDataclass = try await sample.make("Output(3)")
            }
            #expect("\(error as Any)".contains("found <Output on server"))
        }
    }

    /// Dtypes that Swift does not have are refused with the conversion that helps, not passed as other bytes.
    @Test(.needsPackages) func arraysOfOtherDtypesAreRefusedWithARemedy() async throws {
        try await with(.science2) { sample in
            for (source, remedy) in [
                ("numpy.zeros(2, numpy.longdouble)", "astype('float64')"),
                ("numpy.longdouble(1.5)", "astype('float64')"),
                ("numpy.zeros(2, numpy.clongdouble)", "astype('complex128')"),
                ("numpy.zeros(2, __import__('ml_dtypes').bfloat16)", "astype('float32')"),
                ("numpy.array(['a', 'bc'], numpy.dtypes.StringDType())", "astype(str)"),
            ] {
                let error = await #expect(throws: ProxyError.self, "\(source)") {
                    let value: [String: AnyNDArray] = try await sample.make("{'a': \(source)}")
                    _ = value
                }
                #expect(
                    "\(error as Any)".contains("make: result['a']: "), "\(source): \(error as Any)")
                #expect("\(error as Any)".contains(remedy), "\(source): \(error as Any)")
                guard case .object = try await sample.make(source) else {
                    Issue.record("\(source) crossed")
                    continue
                }
            }
            let texts: [String] = try await sample.make(
                "numpy.array(['a', 'bc'], numpy.dtypes.StringDType())")
            #expect(texts == ["a", "bc"])
        }
    }

    @Test(.needsPackages) func timesOfPytzAreExact() async throws {
        try await with(.science1) { sample in
            try #require(try await sample.has_pytz() as Bool)
            for (source, moment) in [
                ("zurich(0)", "2021-10-31T00:30:00Z"), ("zurich(1)", "2021-10-31T01:30:00Z"),
                ("local_mean_time()", "2020-12-31T23:26:00Z"),
                ("pytz.utc.localize(datetime.datetime(2021, 1, 1))", "2021-01-01T00:00:00Z"),
                (
                    "datetime.datetime(2021, 1, 1, tzinfo=pytz.FixedOffset(90))",
                    "2020-12-31T22:30:00Z"
                ),
            ] {
                let date: Date = try await sample.make(source)
                #expect(date == (try Date(moment, strategy: .iso8601)), "\(source)")
                let value: PythonValue = try await sample.make(source)
                let same: Bool = try await sample.moment(value, source)
                #expect(same, "\(source): \(value)")
            }
        }
    }
}
