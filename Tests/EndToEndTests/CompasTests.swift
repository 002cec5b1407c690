import Foundation
import Testing

@testable import PythonProxy

/// COMPAS 1.17.10: the same numbers, to the last bit, as calls made directly in its environment.
@Suite(.timeLimit(.minutes(10)))
struct CompasTests {
    static let module = """
        import sys, json, struct
        import numpy
        from compas.numerical import fd_numpy, pca_numpy, dr_numpy
        def grid(n):
            vertices = [[float(x), float(y), 0.1 * ((x * 7 + y * 3) % 5)] for x in range(n) for y in range(n)]
            edges = [[x * n + y, x * n + y + 1] for x in range(n) for y in range(n - 1)]
            edges += [[x * n + y, (x + 1) * n + y] for x in range(n - 1) for y in range(n)]
            fixed = [0, n - 1, n * n - n, n * n - 1]
            loads = [[0.0, 0.0, -0.01] for _ in vertices]
            return vertices, edges, fixed, loads
        def calls():
            vertices, edges, fixed, loads = grid(9)
            q = [1.0 + 0.1 * (i % 3) for i in range(len(edges))]
            yield fd_numpy(vertices, edges, fixed, q, loads)
            yield pca_numpy(vertices)
            # dr_numpy writes into its arguments.
            yield dr_numpy(vertices, edges, fixed, loads, q, kmax=50)
        def bits(result):
            return [[list(numpy.shape(a)), numpy.asarray(a, dtype=float).tobytes().hex()] for a in result]
        if __name__ == "__main__":
            json.dump([bits(result) for result in calls()], sys.stdout)
        """

    /// The bits of every array that a function returns.
    private func bits(_ arrays: [NDArray<Double>]) -> [PythonValue] {
        arrays.map { array in
            let bytes = array.erased.withUnsafeBytes { Array($0) }
            let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return [.list(array.shape.map { .int($0) }), .string(digits)]
        }
    }

    @Test(.needsPackages) func theNumbersEqualThoseOfDirectCalls() async throws {
        try await Workspace.with(.compas, modules: ["direct": Self.module]) { workspace in
            let run = try ShortProcess.run(
                TestEnvironment.compas.folder + "/bin/python",
                [workspace.folder + "/python/direct.py"],
                variables: workspace.context.variables, directory: "/", milliseconds: 60_000)
            #expect(run.ending == .exit(status: 0), "\(run.error)")
            let direct = try JSONDecoder().decode(PythonValue.self, from: Data(run.output.utf8))

            try await workspace.withProxy("compas.numerical") { numerical in
                let (vertices, edges, fixed, loads): ([[Double]], [[Int]], [Int], [[Double]]) =
                    try await numerical.link.grid(9)
                let q = edges.indices.map { 1.0 + 0.1 * Double($0 % 3) }
                let fd: [NDArray<Double>] = try await numerical.fd_numpy(
                    vertices, edges, fixed, q, loads)
                #expect(.list(bits(fd)) == direct[0])
                let pca: [NDArray<Double>] = try await numerical.pca_numpy(vertices)
                #expect(.list(bits(pca)) == direct[1])
                let dr: [NDArray<Double>] = try await numerical.dr_numpy(
                    vertices, edges, fixed, loads, q, kmax: 50)
                #expect(.list(bits(dr)) == direct[2])
            }
        }
    }

    @Test(.needsPackages) func argumentsAsArraysGiveTheSameNumbersAsLists() async throws {
        try await Workspace.with(.compas, modules: ["direct": Self.module]) { workspace in
            try await workspace.withProxy("compas.numerical") { numerical in
                let (vertices, edges, fixed, loads): ([[Double]], [[Int]], [Int], [[Double]]) =
                    try await numerical.link.grid(9)
                let q = [Double](repeating: 1.5, count: edges.count)
                let fromLists: [NDArray<Double>] = try await numerical.fd_numpy(
                    vertices, edges, fixed, q, loads)
                let array = NDArray(shape: [vertices.count, 3], vertices.flatMap { $0 })
                // fd_numpy writes into an array of vertices in place: ours must not change.
                let fromArrays: [NDArray<Double>] = try await numerical.fd_numpy(
                    array, edges, fixed, NDArray(q), loads)
                #expect(fromLists == fromArrays)
                #expect(array.scalars == vertices.flatMap { $0 })
            }
        }
    }
}

extension ServerLink {
    /// The net that the module `direct` makes.
    fileprivate func grid(
        _ size: Int
    ) async throws -> ([[Double]], [[Int]], [Int], [[Double]]) {
        let frame = try await call(
            CallRequest(operation: .call, target: .name(":direct.grid"), arguments: [("", size)]))
        return try ValueCoding.decode(
            tuple: ([[Double]], [[Int]], [Int], [[Double]]).self, from: frame)
    }
}
