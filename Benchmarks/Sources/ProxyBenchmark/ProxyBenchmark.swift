import ArgumentParser
import Foundation
import PythonProxy

/// Times calls through the proxy. Prints one duration in nanoseconds a line.
@main
struct ProxyBenchmark: AsyncParsableCommand {
    enum Row: String, ExpressibleByArgument, CaseIterable {
        /// A call with one small argument, which comes back.
        case echo
        /// Form finding of a net of 1,681 vertices.
        case fdNumpy = "fd-numpy"
        /// An NDArray of doubles: sent, doubled by numpy, returned.
        case array
        /// The same with a [Double].
        case list
        /// From no server to the first answer. Once: the interpreter is asked for its facts only the
        /// first time.
        case cold
        /// From a running server to the first answer of a new proxy.
        case warm
        /// Echo calls to a server that watches files and to one that does not, in turns. Prints the name of
        /// the series before the quickest tenth of each turn.
        case autoreload
        /// From saving a module to the answer of its new code: one whose functions are patched, and one that
        /// is executed again.
        case patched, reloaded
        /// Echo calls from several tasks on one connection, from several processes, behind the burst of another
        /// client, and from the main actor.
        case concurrent, clients, burst
        case mainActor = "main-actor"
        /// A call that prints many lines, which somebody reads, or which are shown.
        case heard, shown
        /// A DataFrame as structs: as JSON, and as rows, in turns.
        case rows
        /// Methods of objects that stay, with few and with many of them; operators in an argument; calls while another
        /// client releases many.
        case objects, operators, releases
        /// Twenty steps in one script.
        case script
        /// The other client of `burst`.
        case burstLoad = "burst-load"
    }

    @Argument(help: "What to time.")
    var row: Row

    @Option(help: "The environment to serve.")
    var python: String

    @Option(help: "How many calls to time.")
    var runs = 20_000

    @Option(help: "How many doubles the array or list has.")
    var count = 1_000_000

    @Option(help: "How many tasks or processes call at the same time.")
    var tasks = 8

    @Flag(help: "Join a server that runs, and leave it running.")
    var joining = false

    @Option(help: "A folder for sys.path.")
    var path: String?

    func run() async throws {
        switch row {
        case .cold: return try await timeColdStart()
        case .autoreload: return try await compareAutoreload()
        case .patched, .reloaded: return try await timeSaves()
        case .concurrent: return try await timeConcurrentCalls()
        case .clients: return try await timeClients()
        case .burst: return try await timeBehindBurst()
        case .burstLoad: return try await keepBurst()
        case .mainActor: return try await compareActors()
        case .heard, .shown: return try await timeOutput()
        case .rows: return try await timeRows()
        case .objects: return try await timeObjects()
        case .operators: return try await timeOperators()
        case .releases: return try await timeReleases()
        case .script: return try await timeScripts()
        case .echo where joining:
            let proxy = try await Proxy(python: PythonEnvironment(python), path: path)
            let durations = try await measure(proxy)
            return print(durations.map(String.init).joined(separator: "\n"))
        case .echo, .fdNumpy, .array, .list, .warm: break
        }
        try await withProxy(python: PythonEnvironment(python), path: path) { proxy in
            let durations = try await measure(proxy)
            print(durations.map(String.init).joined(separator: "\n"))
        }
    }

    private func measure(_ proxy: Proxy) async throws -> [Int64] {
        switch row {
        case .cold, .autoreload, .patched, .reloaded, .concurrent, .clients, .burst, .burstLoad,
            .mainActor, .heard, .shown, .rows, .objects, .operators, .releases,
            .script:
            return []
        case .warm:
            return try await time { () async throws -> Void in
                let other = try await Proxy("math", python: PythonEnvironment(python), path: path)
                let root: Double = try await other.sqrt(4)
                precondition(root == 2)
                await other.disconnect()
            }
        case .echo:
            let message = String(repeating: "x", count: 40)
            return try await time { () async throws -> Void in
                let answer: String = try await proxy.peers_echo.echo(message)
                precondition(answer == message)
            }
        case .fdNumpy:
            let (vertices, edges, fixed, q, loads):
                ([[Double]], [[Int]], [Int], [Double], [[Double]]) = try await proxy.net.grid()
            return try await time { () async throws -> Void in
                let arrays: [NDArray<Double>] = try await proxy.compas.numerical.fd_numpy(
                    vertices, edges, fixed, q, loads)
                precondition(arrays.count == 5)
            }
        case .array:
            let values: NDArray<Double> = try await proxy.peers_arrays.sample(count)
            return try await time { () async throws -> Void in
                let doubled: NDArray<Double> = try await proxy.peers_arrays.double(values)
                precondition(doubled[count - 1] == values[count - 1] * 2)
            }
        case .list:
            let values: [Double] = try await proxy.peers_arrays.sample(count)
            return try await time { () async throws -> Void in
                let doubled: [Double] = try await proxy.peers_arrays.double(values)
                precondition(doubled[count - 1] == values[count - 1] * 2)
            }
        }
    }

    private func compareAutoreload() async throws {
        let environment = PythonEnvironment(python)
        try await withProxy(python: environment, autoreload: false, path: path) { without in
            try await withProxy(python: environment, autoreload: true, path: path) { with in
                let message = String(repeating: "x", count: 40)
                let clock = ContinuousClock()
                // The speed of the machine changes: turns see the same, and the quickest tenth of each is
                // what nothing else has disturbed.
                for turn in 0..<(runs / 1000 + 1) {
                    for (name, proxy) in [("floor", without), ("pythonproxy", with)] {
                        var durations: [Int64] = []
                        for _ in 0..<1000 {
                            let start = clock.now
                            let answer: String = try await proxy.peers_echo.echo(message)
                            durations.append((clock.now - start).nanoseconds)
                            precondition(answer == message)
                        }
                        durations.sort()
                        if turn > 0 { print(name, durations[100]) }
                    }
                }
            }
        }
    }

    private func timeSaves() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/save-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func save(_ number: Int) throws {
            let text =
                row == .patched
                ? "def f(): return \(number)\n" : "X = \(number)\ndef f(): return X\n"
            try text.write(toFile: folder + "/edited.py", atomically: true, encoding: .utf8)
        }
        try save(0)
        try await withProxy("edited", python: PythonEnvironment(python), path: folder) { edited in
            let clock = ContinuousClock()
            for number in 1...(runs + runs / 10) {
                let start = clock.now
                try save(number)
                let answer: Int = try await edited.f()
                let duration = clock.now - start
                precondition(answer == number)
                if number > runs / 10 { print(duration.nanoseconds) }
            }
        }
    }

    private func timeColdStart() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let proxy = try await Proxy("math", python: PythonEnvironment(python), path: path)
        let root: Double = try await proxy.sqrt(4)
        print((clock.now - start).nanoseconds)
        precondition(root == 2)
        await proxy.stopServer()
    }

    private func time(_ body: () async throws -> Void) async throws -> [Int64] {
        for _ in 0..<max(runs / 10, 1) { try await body() }
        var durations: [Int64] = []
        durations.reserveCapacity(runs)
        let clock = ContinuousClock()
        for _ in 0..<runs {
            let start = clock.now
            try await body()
            durations.append((clock.now - start).nanoseconds)
        }
        return durations
    }
}

extension Duration {
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
