import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Arrays and bytes that are large enough to travel in shared memory.
@Suite(.timeLimit(.minutes(2)))
struct SharedMemoryTests {
    static let module = """
        import os, numpy as np
        kept = []
        def double(a): return a * 2
        def echo(a): return a
        def write(a, value):
            a[:] = value
            return float(a.sum())
        def keep(a): kept.append(a)
        def kept_sums(): return [float(a.sum()) for a in kept]
        def drop(): kept.clear()
        def add_in_place(a, value): a += value
        def owner(a): return type(a.base).__name__
        def crc(data):
            import zlib
            return zlib.crc32(data)
        def zeros(n): return bytes(n)
        def maps(): return sum("pyproxy" in line for line in open("/proc/self/maps"))
        def descriptors(): return len(os.listdir("/proc/self/fd"))
        """

    private func withModule<Result>(
        _ environment: TestEnvironment, _ body: @Sendable (Proxy) async throws -> Result
    ) async throws -> Result {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { _ in }, body)
        }
    }

    private static let large = 100_000

    @Test(arguments: TestEnvironment.bothWays)
    func largeArraysArriveAndComeBackWithoutACopyInPython(
        environment: TestEnvironment
    ) async throws {
        try await withModule(environment) { sample in
            for round in 0..<5 {
                let array = NDArray((0..<Self.large).map { Double($0 + round) })
                let doubled: NDArray<Double> = try await sample.double(array)
                #expect(doubled.scalars == array.scalars.map { $0 * 2 })
                let owner: String = try await sample.owner(array)
                #expect(owner == "SharedBuffer")
            }
        }
    }

    @Test(arguments: TestEnvironment.all)
    func whatPythonWritesIntoAnArgumentDoesNotReachSwift(
        environment: TestEnvironment
    ) async throws {
        try await withModule(environment) { sample in
            let ones = NDArray(repeating: 1.0, shape: [Self.large])
            for value in 2..<6 {
                let sum: Double = try await sample.write(ones, Double(value))
                #expect(sum == Double(value * Self.large))
                #expect(ones.scalars.allSatisfy { $0 == 1 })
                // The segment is used again, and must not show what was written.
                let echoed: NDArray<Double> = try await sample.echo(ones)
                #expect(echoed == ones)
            }
        }
    }

    @Test(arguments: TestEnvironment.all)
    func anArrayThatPythonKeepsStaysAsItIs(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            for value in 1...4 {
                var array = NDArray(repeating: Double(value), shape: [Self.large])
                try await sample.keep(array)
                // Swift goes on with its own.
                array[0] = -1
            }
            let sums: [Double] = try await sample.kept_sums()
            #expect(sums == (1...4).map { Double($0 * Self.large) })
            try await sample.drop()
        }
    }

    @Test func aResultStaysAsItIsWhenTheServerIsGone() async throws {
        let kept: NDArray<Double> = try await withModule(try .any) { sample in
            try await sample.double(NDArray(repeating: 4.0, shape: [Self.large]))
        }
        var copy = kept
        copy[1] = 0
        #expect(kept.scalars.allSatisfy { $0 == 8 })
        #expect(copy[0] == 8)
    }

    @Test func bytesOfAnySizeArriveAsTheyAre() async throws {
        try await withModule(try .any) { sample in
            for count in [0, 1, 32_767, 32_768, 1_000_003] {
                let data = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) })
                let echoed: Data = try await sample.echo(data)
                #expect(echoed == data)
                let zeros: [UInt8] = try await sample.zeros(count)
                #expect(zeros == [UInt8](repeating: 0, count: count))
            }
        }
    }

    @Test func segmentsAreUsedAgain() async throws {
        try await withModule(try .any) { sample in
            let array = NDArray(repeating: 1.0, shape: [Self.large])
            for _ in 0..<3 { let _: NDArray<Double> = try await sample.double(array) }
            let before: [Int] = [try await sample.maps(), try await sample.descriptors()]
            for _ in 0..<50 { let _: NDArray<Double> = try await sample.double(array) }
            let after: [Int] = [try await sample.maps(), try await sample.descriptors()]
            #expect(after == before)
        }
    }
}
