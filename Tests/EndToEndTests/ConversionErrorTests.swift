import Foundation
import Testing

@testable import PythonProxy

/// Errors of conversion name the function, the place in the user's terms, both types and a remedy.
@Suite(.timeLimit(.minutes(5)))
struct ConversionErrorTests: SampleModuleTests {
    static let module = """
        import collections, dataclasses, enum, types
        import numpy as np
        Pair = collections.namedtuple("Pair", "values vectors")
        @dataclasses.dataclass
        class Node:
            name: object
            next: object = None
        class Way(enum.Enum):
            NEAR = (1, object())
        def make(text): return eval(text)
        """

    private struct Person: Decodable, Sendable {
        var name: Int
        var nested: [[Int]]?
    }
    private struct Eigen: Decodable, Sendable { var values: [Double] }

    /// An expression, what it is asked for as, and what the error says behind the function.
    static let mismatches: [(String, any (Decodable & Sendable).Type, String)] = [
        (
            "'x'", Int.self,
            "result: expected Int, found a str; ask for String, or convert it in Python"
        ),
        (
            "[1.5, 2j]", [Double].self,
            "result[1]: expected Double, found a complex; ask for Complex<Double>"
        ),
        ("None", [Int].self, "result: expected [Int], found None; ask for an optional: [Int]?"),
        (
            "{'a': [1, 'b']}", [String: [Int]].self,
            "result['a'][1]: expected Int, found a str; ask for String, or convert it in Python"
        ),
        (
            "[{'name': 1}, {'name': [2]}]", [Person].self,
            "result[1].name: expected Int, found a list; ask for an Array"
        ),
        ("{'nested': [[1], [None]]}", Person.self, "result: no key 'name'; the keys are 'nested'"),
        (
            "{'name': 1, 'nested': [[1], [None]]}", Person.self,
            "result.nested[1][0]: expected Int, found None; ask for an optional: Int?"
        ),
        (
            "Pair(np.array([1+2j]), 0)", Eigen.self,
            "result.values[0]: expected Double, found a complex; ask for Complex<Double>"
        ),
        (
            "Node('x')", Person.self,
            "result.name: expected Int, found a str; ask for String, or convert it in Python"
        ),
        ("300", UInt8.self, "result: 300 does not fit in UInt8 without loss; ask for a wider type"),
        (
            "np.zeros(2, 'f4')", NDArray<Double>.self,
            "result: expected NDArray<Double>, found a numpy array of float32; ask for an NDArray of that type "
                + "or an AnyNDArray, or convert it in Python with astype(\"float64\")"
        ),
        (
            "{'a': __import__('datetime').date(2024, 1, 31)}", [String: Int].self,
            "result['a']: expected Int, found a datetime.date; ask for PythonValue, or convert it in Python"
        ),
        ("{1: 2}", [[Int: Int]].self, "result: expected [[Int: Int]], found a dict"),
        ("np.longdouble(1.5)", Double.self, "astype('float64')"),
    ]

    private func ask<Value: Decodable>(
        _ proxy: Proxy, _ source: String, _: Value.Type
    ) async -> String {
        do {
            let value: Value = try await proxy.make(source)
            return "\(value)"
        } catch { return "\(error)" }
    }

    @Test(.needsPackages, arguments: TestEnvironment.all)
    func mismatchesNameFunctionPlaceTypesAndRemedy(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            for (source, type, message) in Self.mismatches {
                let error = await ask(sample, source, type)
                #expect(error.hasPrefix("make: result"), "\(source)")
                #expect(error.contains(message), "\(source): \(error)")
            }
            let (first, second): (Int, Int) = try await sample.make("(1, 2)")
            #expect(first + second == 3)
            let error = await #expect(throws: ProxyError.self) {
                let pair: (Int, String) = try await sample.make("(1, 2, 3)")
                _ = pair
            }
            #expect(
                "\(error as Any)".contains(
                    "result: expected (Int, String), found a tuple of 3 items"))
        }
    }

    /// What cannot be copied, and the place that the server names.
    static let uncrossable: [(String, String)] = [
        ("{'a': [1, object()]}", "result['a'][1]"),
        ("Node('x', Node('y', print))", "result.next.next"),
        ("Pair([1], [object()])", "result.vectors[0]"),
        ("[types.SimpleNamespace(x={1: object()})]", "result[0].x[1]"),
        ("{print}", "result{…}"), ("slice(0, print)", "result.stop"),
    ]

    @Test(arguments: TestEnvironment.all)
    func placesOfWhatCannotCrossAreTheUsers(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            for (source, place) in Self.uncrossable {
                do {
                    // The type does not matter; it has no objects.
                    let value: [String: UUID] = try await sample.make("{'v': \(source)}")
                    Issue.record("\(value)")
                } catch ProxyError.conversion(let error) {
                    #expect(
                        error.place == place.replacingOccurrences(of: "result", with: "result['v']")
                    )
                    #expect(error.function == "make")
                }
            }
        }
    }

    @Test(.needsPackages) func placesInTablesAreRowsAndColumns() async throws {
        try await withModule(.science2) { sample in
            let source = "__import__('pandas').DataFrame({'p': [object(), 1], 'q': [1, 2]})"
            do {
                let value: [String: [UUID]] = try await sample.make(source)
                Issue.record("\(value)")
            } catch ProxyError.conversion(let error) {
                #expect(error.place == "result['p'][0]")
            }
            struct Row: Decodable { var p: Int }
            do {
                let rows: [Row] = try await sample.make(
                    "__import__('pandas').DataFrame({'p': [1, 'x'], 'q': [1, 2]})")
                Issue.record("\(rows)")
            } catch ProxyError.conversion(let error) {
                #expect(error.place == "result[1].p")
            }
        }
    }

    @Test func argumentsAreCountedFromOneAndKeywordsNamed() async throws {
        struct Knot: Encodable {
            var values: [Duration]
        }
        try await withModule(try .any) { sample in
            let first = await #expect(throws: ProxyError.self) {
                try await sample.make(1, Knot(values: [.seconds(1), .nanoseconds(1)]))
            }
            #expect("\(first as Any)".contains("make: argument 2.values[1]: "))
            let named = await #expect(throws: ProxyError.self) {
                try await sample.make(text: Knot(values: [.nanoseconds(1)]))
            }
            #expect("\(named as Any)".contains("make: argument 'text'.values[0]: "))
            let server = await #expect(throws: ProxyError.self) {
                try await sample.make(
                    1, [2, PythonValue.dictionary([.set([1]): 2])] as PythonValue)
            }
            #expect("\(server as Any)".contains("make: argument 2[1]"))
        }
    }
}
