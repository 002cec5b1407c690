import Foundation
import PythonProxy

/// Many calls at a time: from tasks of one connection, from processes, behind a burst, from the main actor.
extension ProxyBenchmark {
    private static let message = String(repeating: "x", count: 40)

    /// Echo calls from several tasks on one connection. Prints the time per call of every thousand calls.
    func timeConcurrentCalls() async throws {
        try await withProxy(python: PythonEnvironment(python), path: path) { proxy in
            let clock = ContinuousClock()
            let batch = 1000
            for number in 0..<(runs / batch + 1) {
                let start = clock.now
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<tasks {
                        group.addTask {
                            for _ in 0..<(batch / tasks) { try await Self.echo(proxy) }
                        }
                    }
                    try await group.waitForAll()
                }
                let calls = Int64(batch / tasks * tasks)
                // The first one warms up.
                if number > 0 { print((clock.now - start).nanoseconds / calls) }
            }
        }
    }

    private static func echo(_ proxy: Proxy) async throws {
        let answer: String = try await proxy.peers_echo.echo(message)
        precondition(answer == message)
    }

    /// Echo calls of several processes to one server at the same time.
    func timeClients() async throws {
        let proxy = try await Proxy(python: PythonEnvironment(python), path: path)
        try await Self.echo(proxy)
        let clients = try (0..<tasks).map { _ in
            try start(["echo", "--joining", "--runs", String(runs / tasks)])
        }
        for client in clients {
            print(String(decoding: try client.output.readToEnd() ?? Data(), as: UTF8.self))
            client.process.waitUntilExit()
            precondition(client.process.terminationStatus == 0)
        }
        await proxy.stopServer()
    }

    /// Pings and echo calls while another client has 1,300 calls of 0.2 to 0.9 ms in flight.
    func timeBehindBurst() async throws {
        let proxy = try await Proxy(python: PythonEnvironment(python), path: path)
        try await Self.echo(proxy)
        let burst = try start(["burst-load"])
        // A line says that all calls are in flight.
        _ = burst.output.availableData
        let clock = ContinuousClock()
        for _ in 0..<runs {
            for (name, body) in [
                ("pythonproxy/ping", { try await proxy.server.ping() }),
                ("pythonproxy/echo", { try await Self.echo(proxy) }),
            ] as [(String, () async throws -> Void)] {
                let start = clock.now
                try await body()
                print(name, (clock.now - start).nanoseconds)
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        burst.process.terminate()
        burst.process.waitUntilExit()
        await proxy.stopServer()
    }

    /// Keeps 1,300 calls in flight until it is terminated.
    func keepBurst() async throws {
        let proxy = try await Proxy(python: PythonEnvironment(python), path: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1300 {
                group.addTask {
                    while true { try await proxy.peers_echo.busy(200 + number * 7 % 700) }
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            try FileHandle.standardOutput.write(contentsOf: Data("in flight\n".utf8))
            try await group.waitForAll()
        }
    }

    /// Echo calls of a caller on the main actor and of one that is not, in turns.
    func compareActors() async throws {
        try await withProxy(python: PythonEnvironment(python), path: path) { proxy in
            for turn in 0..<(runs / 1000 + 1) {
                let plain = try await Self.timesOffMainActor(proxy)
                let main = try await Self.timesOnMainActor(proxy)
                guard turn > 0 else { continue }
                for time in plain { print("floor", time) }
                for time in main { print("pythonproxy/main-actor", time) }
            }
        }
    }

    @concurrent
    private static func timesOffMainActor(_ proxy: Proxy) async throws -> [Int64] {
        try await times(proxy)
    }

    @MainActor
    private static func timesOnMainActor(_ proxy: Proxy) async throws -> [Int64] {
        try await times(proxy)
    }

    /// A thousand calls on the actor of the caller.
    private nonisolated(nonsending) static func times(_ proxy: Proxy) async throws -> [Int64] {
        let clock = ContinuousClock()
        var durations: [Int64] = []
        for _ in 0..<1000 {
            let start = clock.now
            let answer: String = try await proxy.peers_echo.echo(message)
            durations.append((clock.now - start).nanoseconds)
            precondition(answer == message)
        }
        return durations
    }

    /// Starts another process of this program with the same environment.
    private func start(
        _ arguments: [String]
    ) throws -> (process: Process, output: FileHandle) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        process.arguments = arguments + ["--python", python] + (path.map { ["--path", $0] } ?? [])
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        return (process, pipe.fileHandleForReading)
    }
}
