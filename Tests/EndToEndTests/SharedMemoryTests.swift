import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Arrays and bytes that are large enough to travel in shared memory.
@Suite(.timeLimit(.minutes(10)))
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
        def number(text): return eval(text)
        def maps(): return sum("pyproxy" in line for line in open("/proc/self/maps"))
        def fork(a):
            import multiprocessing
            context = multiprocessing.get_context("fork")
            global go, answer
            go, answer = context.Event(), context.SimpleQueue()
            context.Process(target=work, args=(a,), daemon=True).start()
        def work(a):
            go.wait()
            answer.put(float(a.sum()))
            del a
        def sum_of_child():
            go.set()
            return answer.get()
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

    @Test(.needsPackages, .needsPackages, arguments: TestEnvironment.bothWays)
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

    @Test(.needsPackages, arguments: TestEnvironment.all)
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

    @Test(.needsPackages, arguments: TestEnvironment.all)
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

    @Test(.needsPackages, arguments: TestEnvironment.all)
    func aForkedChildKeepsItsArrays(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            for value in [1.0, 2, 3] {
                try await sample.fork(NDArray(repeating: value, shape: [Self.large]))
                // Python has nothing of it any more, but the child has.
                for other in [7.0, 8, 9] {
                    try await sample.echo(NDArray(repeating: other, shape: [Self.large]))
                }
                let sum: Double = try await sample.sum_of_child()
                #expect(sum == value * Double(Self.large))
            }
        }
    }

    /// They take no memory in Python, and more than there is anywhere else.
    @Test(.needsPackages, arguments: ["10**12", "2**60 - 1"])
    func arraysThatNoMemoryHoldsAreRefused(count: String) async throws {
        try await withModule(try .any) { sample in
            await #expect(throws: ProxyError.self) {
                let length: Int = try await sample.number(count)
                let array: AnyNDArray = try await sample.np.broadcast_to(0.0, length)
                Issue.record("\(array.count) elements have arrived")
            }
            let sum: [Double] = try await sample.kept_sums()
            #expect(sum.isEmpty)
        }
    }

    @Test(.needsPackages) func aResultStaysAsItIsWhenTheServerIsGone() async throws {
        let kept: NDArray<Double> = try await withModule(try .any) { sample in
            try await sample.double(NDArray(repeating: 4.0, shape: [Self.large]))
        }
        var copy = kept
        copy[1] = 0
        #expect(kept.scalars.allSatisfy { $0 == 8 })
        #expect(copy[0] == 8)
    }

    @Test(.needsPackages) func bytesOfAnySizeArriveAsTheyAre() async throws {
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

    @Test(.needsPackages, arguments: TestEnvironment.all)
    func sharedArraysShowWhatEitherSideWrites(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            // Small ones, too: sharing is what was asked for.
            for count in [1, 7, Self.large] {
                let shared = try SharedNDArray<Double>(shape: [count])
                #expect(shared.scalars.allSatisfy { $0 == 0 })
                try await sample.add_in_place(shared, 2.0)
                #expect(shared.scalars.allSatisfy { $0 == 2 })
                let copy = shared
                shared[0] = 5
                #expect(copy[0] == 5)
                try await sample.keep(shared)
                try await sample.add_in_place(copy, 1.0)
                let sums: [Double] = try await sample.kept_sums()
                #expect(sums == [6.0 + 3 * Double(count - 1)])
                try await sample.drop()
            }
            let empty = try SharedNDArray<Int32>(shape: [0, 3])
            let echoed: NDArray<Int32> = try await sample.echo(empty)
            #expect(echoed == empty.copy)
            // Whole pages, from the beginning of one.
            let filled = try SharedNDArray(NDArray([[1.5, 2], [3, 4]]))
            filled[1, 0] = 7
            #expect(filled.copy == NDArray([[1.5, 2], [7, 4]]) && filled.strides == [2, 1])
            let page = Int(sysconf(Int32(_SC_PAGESIZE)))
            filled.withUnsafePages { pages in
                #expect(Int(bitPattern: pages.baseAddress) % page == 0 && pages.count == page)
            }
        }
    }

    @Test(.needsPackages) func aSharedArrayOutlivesItsServerAndServesTheNext() async throws {
        let shared = try SharedNDArray<Int64>(shape: [Self.large])
        for round in 1...2 {
            try await withModule(try .any) { sample in
                try await sample.add_in_place(shared, 1)
                #expect(shared.scalars.allSatisfy { $0 == Int64(round) })
            }
        }
    }

    @Test(.needsPackages) func oneArrayManyTimesInACallIsOneArrayOnTheWire() async throws {
        try await withModule(try .any) { sample in
            let array = NDArray(repeating: 1.0, shape: [Self.large])
            let result: [NDArray<Double>] = try await sample.echo([array, array, array])
            #expect(result == [array, array, array])
        }
    }

    /// Of this process and of the server, in bytes.
    private func residentMemory(_ processes: [Int32]) throws -> [Int] {
        try processes.map { process in
            let file = try #require(FileHandle(forReadingAtPath: "/proc/\(process)/statm"))
            let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
            return (Int(text.split(separator: " ")[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
        }
    }

    @Test(.needsPackages) func echoingAGigabyteInPiecesGrowsNeitherProcess() async throws {
        try await withModule(try .any) { sample in
            let server = try #require(sample.server.processIdentifier)
            let piece = NDArray(repeating: 1.5, shape: [1 << 20])
            func echo(_ times: Int) async throws {
                for _ in 0..<times {
                    let echoed: NDArray<Double> = try await sample.echo(piece)
                    #expect(echoed[1000] == 1.5)
                }
            }
            try await echo(8)
            let before = try residentMemory([server])
            try await echo(128)
            let after = try residentMemory([server])
            // A few segments more may be under way at the one moment than at the other.
            #expect(after[0] - before[0] < 40 << 20)
        }
    }

    @Test(.needsPackages) func anArrayLongerThanAFrameCrosses() async throws {
        let needed = 10 << 30
        guard try availableMemory() > needed else {
            print("skipped: an array of 2 GB needs \(needed >> 30) GB of free memory here")
            return
        }
        try await withModule(try .any) { sample in
            let count = (1 << 28) + 2
            var array = NDArray(repeating: 1.0, shape: [count])
            array[count - 1] = 7
            let echoed: NDArray<Double> = try await sample.echo(array)
            #expect(echoed.count == count)
            #expect(echoed[0] == 1 && echoed[count - 1] == 7)
        }
    }

    private func availableMemory() throws -> Int {
        let file = try #require(FileHandle(forReadingAtPath: "/proc/meminfo"))
        let lines = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
            .split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("MemAvailable") })
        return (Int(line.split(separator: " ")[1]) ?? 0) << 10
    }

    @Test(.needsPackages) func segmentsAreUsedAgain() async throws {
        try await withModule(try .any) { sample in
            let array = NDArray(repeating: 1.0, shape: [Self.large])
            for _ in 0..<3 { let _: NDArray<Double> = try await sample.double(array) }
            let before: [Int] = [try await sample.maps(), try await sample.descriptors()]
            for _ in 0..<50 { let _: NDArray<Double> = try await sample.double(array) }
            let after: [Int] = [try await sample.maps(), try await sample.descriptors()]
            // A call may begin before the segments of the last one are back.
            #expect(after[0] - before[0] <= 2 && after[1] <= before[1])
        }
    }
}
