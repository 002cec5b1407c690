import Foundation
import PythonProxy
import Testing

/// A package that depends on the library, in the tests that its author would write.
///
/// `scripts/check-consumer` runs them in debug and in release, and names the environment.
@Suite(.timeLimit(.minutes(2)))
struct ExampleTests {
    private func python() throws -> PythonEnvironment {
        let folder = ProcessInfo.processInfo.environment["EXAMPLE_ENVIRONMENT"]
        return PythonEnvironment(
            try #require(folder, "run scripts/check-consumer, which sets EXAMPLE_ENVIRONMENT"))
    }

    @Test func callsReturnTypedResults() async throws {
        try await withProxy("numpy", python: python()) { numpy in
            let x: [Double] = try await numpy.linalg.solve([[3.0, 1], [1, 2]], [9.0, 8])
            #expect(x == [2, 3])
            let doubled: NDArray<Double> = try await numpy.multiply(NDArray([1.0, 2]), 2)
            #expect(doubled.scalars == [2, 4])
        }
    }

    @Test func anExceptionOfPythonIsThrown() async throws {
        try await withProxy("numpy", python: python()) { numpy in
            await #expect(throws: PythonError.self) { try await numpy.linalg.slove() }
        }
    }

    @Test func theEndOfTheScopeEndsTheStreamOfOutput() async throws {
        let reader = try await withProxy(python: python()) { proxy in
            let chunks = proxy.server.output
            try await proxy.builtins.print("printed")
            return Task { await chunks.reduce(into: "") { $0 += $1.text } }
        }
        #expect(await reader.value == "printed\n")
    }
}
