import Foundation
import Testing

@testable import PythonProxy

/// Results that nobody has said a type for: what is beyond 1 MB stays on the server.
@Suite(.needsPackages, .timeLimit(.minutes(10)))
struct LargeResultTests {
    private static let module = """
        import numpy as np
        def make(text): return eval(text)
        length = len
        """

    private func withModule(_ body: (PythonAttribute, Proxy) async throws -> Void) async throws {
        let environment = TestEnvironment.science2
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample") { try await body($0.make, $0) }
        }
    }

    private static let large = [
        "np.zeros(200_000)", "'x' * 2_000_000", "bytes(2_000_000)", "list(range(200_000))",
        "[str(i) for i in range(200_000)]", "{i: 'x' * 100 for i in range(20_000)}",
        "[np.zeros(1000) for _ in range(500)]", "(b'x' * 2_000_000,)[0]",
        "__import__('pandas').DataFrame({'a': np.zeros(200_000), 'b': 1})",
        "set(range(500_000))",
    ]

    @Test func anUntypedResultBeyondAMegabyteIsAnObject() async throws {
        try await withModule { make, python in
            for text in Self.large {
                let value = try await make(text)
                guard case .object(let object) = value else {
                    Issue.record("\(text): \(value.noun)")
                    continue
                }
                let length: Int = try await python.length(object)
                #expect(length > 0)
                // Read as values, it says what to do, and is never just empty.
                for item in value { #expect(throws: ProxyError.self) { try item.as(Int.self) } }
                #expect(Array(value).count == 1 && [Int](value) == nil)
                #expect(value.keys.isEmpty)
                let error = #expect(throws: ProxyError.self) { try value.as([Double].self) }
                #expect("\(error as Any)".contains("ask for [Double] in the call itself"))
            }
        }
    }

    @Test func onlyTheLargePartOfAResultStays() async throws {
        try await withModule { make, _ in
            let value = try await make(
                """
                (lambda small, large: {"small": small, "large": large, "again": small,
                                       "same": large, "n": [1, "x", small]})(np.arange(10_000.0), np.zeros(1_000_000))
                """)
            let small = try value["small"].as(NDArray<Double>.self)
            #expect(small.count == 10_000 && small[9_999] == 9_999)
            #expect(try value["again"].as(NDArray<Double>.self) == small)
            #expect(try value["n"][2].as(NDArray<Double>.self) == small)
            #expect(value["n"][1] == "x")
            guard case .object(let large) = value["large"], case .object(let same) = value["same"]
            else {
                Issue.record("\(value)")
                return
            }
            #expect(large == same)
            let numbers: NDArray<Double> = try await evaluate(large)
            #expect(numbers.count == 1_000_000)
            // What was begun and taken back leaves nothing in the answer.
            let list = try await make(
                "[[np.arange(30_000.0)] * 3 + [np.ones(90_000), np.ones(90_000)], 7]")
            guard case .object(let inner) = list[0] else {
                Issue.record("\(list)")
                return
            }
            let last: Double = try await inner[4][89_999].get()
            #expect(list[1] == 7 && last == 1)
        }
    }

    @Test func whoAsksForATypeGetsAllOfIt() async throws {
        try await withModule { make, _ in
            let array: NDArray<Double> = try await make("np.zeros(1_000_000)")
            let texts: [String] = try await make("[str(i) for i in range(200_000)]")
            let values: [PythonValue] = try await make("list(range(200_000))")
            #expect(array.count == 1_000_000 && texts.count == 200_000 && values.count == 200_000)
        }
    }
}
