import Foundation
import OrderedCollections
import Testing

@testable import PythonProxy

/// Arguments arrive as what they are in Swift, in an order that is the same in every run.
@Suite(.timeLimit(.minutes(5)))
struct ArgumentTests {
    static let module = """
        def show(*arguments, **keywords): return repr([*arguments, *keywords.items()])[1:-1]
        def echo(value): return value
        """

    private func with(_ body: (Proxy) async throws -> Void) async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { _ in }, body)
        }
    }

    enum Way: String, Codable { case z, a }
    struct Moment: Codable, Equatable {
        var year: Int
        var month: Int
        enum CodingKeys: Int, CodingKey { case year, month }
    }

    @Test func argumentsArriveAsTheyAreInSwift() async throws {
        let many = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("\($0)", $0) })
        let sorted = many.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            .map { "'\($0)': \($0)" }.joined(separator: ", ")
        let cases: [(any Encodable & Sendable, String)] = [
            (["z": 1, "a": 2, "é": 3, "B": 4], "{'B': 4, 'a': 2, 'z': 1, 'é': 3}"),
            (many, "{\(sorted)}"),
            ([10: "x", 9: "y", -1: "z"], "{-1: 'z', 9: 'y', 10: 'x'}"),
            ([Way.z: 1, .a: 2], "{'a': 2, 'z': 1}"),
            (OrderedDictionary(dictionaryLiteral: ("c", 1), ("a", 2)), "{'c': 1, 'a': 2}"),
            (PythonDictionary([("c", 1), ("a", 2)]), "{'c': 1, 'a': 2}"),
            ([[0, 1]: 1.5, [0, 0]: 2.5], "{(0, 0): 2.5, (0, 1): 1.5}"),
            ([PythonDictionary([(.list([1, [2]]), 1)])], "[{(1, (2,)): 1}]"),
            ([0, 10, 255, 0] as [UInt8], "[0, 10, 255, 0]"),
            ([[1], []] as [[UInt8]], "[[1], []]"),
            (Data([0, 10]), "b'\\x00\\n'"),
            (0..<3, "range(0, 3)"), (1...9, "range(1, 10)"), (Int8(5)..<5, "range(5, 5)"),
            (UInt64.max - 1...UInt64.max, "range(18446744073709551614, 18446744073709551616)"),
            ([0..<1, 2..<3], "[range(0, 1), range(2, 3)]"),
            (["a": 0..<2], "{'a': range(0, 2)}"),
            ([1, 2, 3][1...], "[2, 3]"), ("abc".dropFirst(), "'bc'"),
            (
                PythonInteger("123456789012345678901234567890") ?? PythonInteger(0),
                "123456789012345678901234567890"
            ),
            ([PythonInteger(5)], "[5]"),
            (Moment(year: 2024, month: 1), "{'year': 2024, 'month': 1}"),
        ]
        try await with { sample in
            for (value, text) in cases {
                let shown: String = try await sample.show(value)
                #expect(shown == text)
            }
        }
    }

    @Test func literalsMayMixTypesAndKeepTheirOrder() async throws {
        try await with { sample in
            let mixed: String = try await sample.show(
                1, "two", nil, [1, 2.5, nil, "x"], ["z": 1, "a": [2, "b"]], flag: true)
            #expect(
                mixed
                    == "1, 'two', None, [1, 2.5, None, 'x'], {'z': 1, 'a': [2, 'b']}, ('flag', True)"
            )
            let x = 2.5
            let other: String = try await sample.show(x, nil, ["z": 1, "a": 2], flag: nil)
            #expect(other == "2.5, None, {'a': 2, 'z': 1}, ('flag', None)")
            let run: String = try await sample.show.call(
                arguments: [x, nil], keywords: ["k": 2, "j": nil])
            #expect(run == "2.5, None, ('k', 2), ('j', None)")
        }
    }

    @Test func valuesComeBackAsWhatTheyWere() async throws {
        try await with { sample in
            func isSame<Value: Codable & Equatable & Sendable>(_ value: Value) async throws {
                let back: Value = try await sample.echo(value)
                #expect(back == value)
            }
            try await isSame(Moment(year: 2024, month: 1))
            try await isSame(OrderedDictionary(dictionaryLiteral: ("c", 1), ("a", 2)))
            try await isSame(PythonDictionary([("c", 1), ("a", nil)]))
            try await isSame([PythonInteger("123456789012345678901234567890")])
            try await isSame([PythonInteger(5), PythonInteger(-5)])
            try await isSame(0..<3)
            try await isSame(1...9)
            try await isSame([[0, 1]: 1.5])
            try await isSame([0, 255] as [UInt8])
            try await isSame(Data([0, 255]))
            try await isSame(DateComponents(year: 2024, month: 1, day: 31))
            try await isSame(try #require(TimeZone(identifier: "Europe/Zurich")))
            try await isSame(IndexSet([1, 2, 5]))
            let none: PythonInteger? = try await sample.echo(nil)
            #expect(none == nil)
        }
    }
}
