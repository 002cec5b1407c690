import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// A server of one's own, over connections that it inherits.
@Suite(.timeLimit(.minutes(5)))
struct PrivateServerTests {
    static let module = """
        import os, sys, time
        def add(a, b): return a + b
        def process(): return os.getpid()
        def crash(): os.abort()
        def sleep(seconds): time.sleep(seconds)
        def fork():
            child = os.fork()
            if child == 0:
                os.setsid()
                time.sleep(1000)
            return child
        def say(text): print(text)
        """

    private func with(
        _ environment: TestEnvironment, _ body: (Workspace) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            var workspace = workspace
            workspace.configuration.sharing = .private
            try await body(workspace)
        }
    }

    private func files(_ workspace: Workspace) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: workspace.folder)
            .filter { $0 != "python" && $0 != "secret" && $0 != "private.lock" }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func nobodyElseFindsIt(environment: TestEnvironment) async throws {
        try await with(environment) { workspace in
            try await workspace.withProxy("sample") { sample in
                try await workspace.withProxy("sample") { other in
                    let processes: [Int32] = [
                        try await sample.process(), try await other.process(),
                    ]
                    #expect(processes[0] != processes[1])
                    #expect(sample.server.processIdentifier == processes[0])
                    #expect(sample.server.address == "private")
                    let found = try await FoundServer.all(workspace.context)
                    #expect(found.allSatisfy { $0.isPrivate && $0.status == nil })
                    #expect(Set(found.compactMap(\.processIdentifier)) == Set(processes))
                    await #expect(throws: ProxyError.self) {
                        try await ControlConnection(to: found[0].place)
                    }
                }
                let sockets = try files(workspace).filter { $0.hasSuffix(".sock") }
                #expect(sockets.isEmpty)
                let status = try await sample.server.status()
                #expect(status.otherClients.isEmpty)
            }
            try await workspace.waitUntilNothingRuns()
            #expect(try files(workspace) == [])
        }
    }

    @Test(.needsPackages) func memoryIsSharedAndOutputAndControlWork() async throws {
        try await with(.science2) { workspace in
            let sample = try await workspace.proxy("sample")
            let numpy = try await Proxy("numpy", on: sample)
            let array = NDArray<Double>(
                shape: [1000, 1000], [Double](repeating: 1, count: 1_000_000))
            let sum: Double = try await numpy.sum(array)
            #expect(sum == 1e6)
            let output = sample.server.output
            try await sample.say("hello")
            #expect(await output.first { _ in true }?.text == "hello\n")
            // What must not wait behind calls has a connection of its own.
            let sleeping = Task { try await sample.sleep(1000) }
            try await waitUntil("the call runs") {
                try await sample.server.status().calls.map(\.function) == ["sample.sleep"]
            }
            try await sample.server.ping()
            sleeping.cancel()
            await #expect(throws: CancellationError.self) { try await sleeping.value }
            #expect(try await sample.server.reload().modules == ["sample"])
            await sample.stopServer()
        }
    }

    @Test func itEndsWithItsConnectionAndIsStartedAgain() async throws {
        try await with(try .any) { workspace in
            let sample = try await workspace.proxy("sample")
            var processes: [Int32] = [try await sample.process()]
            try await sample.restartServer()
            processes.append(try await sample.process())
            await #expect(throws: ProxyError.self) { try await sample.crash() }
            processes.append(try await sample.process())
            await sample.disconnect()
            try await sample.startServer()
            processes.append(try await sample.process())
            #expect(Set(processes).count == 4)
            let child: Int32 = try await sample.fork()
            // The child has none of its connections.
            await sample.stopServer()
            #expect(!isAlive(processes[3]) && isAlive(child))
            kill(child, SIGKILL)
            try await waitUntil("the servers have ended") { !processes.contains(where: isAlive) }
            #expect(try files(workspace) == [])
        }
    }

    @Test(.needsPackages) func startingManyLeavesNoDescriptors() async throws {
        try await with(.bare) { workspace in
            try await workspace.withProxy { _ in }
            let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            for _ in 0..<8 { try await workspace.withProxy { _ in } }
            try await waitUntil("the descriptors are closed") {
                // Other tests have theirs.
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
                    < before + 16
            }
        }
    }

    @Test func aPrivateServerCannotHaveAnAddress() async throws {
        try await with(try .any) { workspace in
            for change in [
                { (configuration: inout ProxyConfiguration) in configuration.sharing = .private },
                {
                    $0.sharing = .matching; $0.captureOutput = false
                },
            ] {
                for url in ["tcp://127.0.0.1", "unix:\(workspace.folder)/own.sock"] {
                    do {
                        _ = try await workspace.proxy("sample") {
                            change(&$0)
                            $0.url = url
                        }
                        Issue.record("a private server at \(url)")
                    } catch ProxyError.invalidConfiguration(let message) {
                        #expect(message.contains("a private server listens nowhere"))
                    }
                }
            }
        }
    }

    @Test func withoutCaptureAServerIsPrivate() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy(
                "sample",
                {
                    $0.sharing = .matching
                    $0.captureOutput = false
                }
            ) { sample in
                #expect(sample.server.address == "private")
                let three: Int = try await sample.add(1, 2)
                #expect(three == 3)
            }
        }
    }

    @Test func theCommandLineShowsItAndEndsIt() async throws {
        try await with(try .any) { workspace in
            let sample = try await workspace.proxy("sample")
            let process: Int32 = try await sample.process()
            func run(_ arguments: String...) async throws -> ShortProcess.Result {
                try await Task.detached { [workspace] in
                    try ShortProcess.run(
                        workspace.context.programDirectory + "/pyproxy", arguments,
                        variables: workspace.context.variables, directory: workspace.folder,
                        milliseconds: 60_000)
                }.value
            }
            #expect(
                try await run("list").output
                    == "\(process)  private to the program that has started it\n")
            #expect(try await run("list", "--json").output.contains("\"private\" : true"))
            for command in ["restart", "reload", "interrupt"] {
                let result = try await run(command, "\(process)")
                #expect(result.ending == .exit(status: 2))
                #expect(result.error.contains("private"), "\(command): \(result.error)")
            }
            #expect(try await run("stop", "\(process)").output == "stopped \(process)\n")
            #expect(!isAlive(process))
            // The next call starts another one.
            let other: Int32 = try await sample.process()
            #expect(other != process)
            await sample.stopServer()
        }
    }

    @Test func itEndsWithTheProgramThatIsKilled() async throws {
        try await with(try .any) { workspace in
            let environment = try TestEnvironment.any.folder
            let null = try Descriptor(opening: "/dev/null", flags: O_RDWR)
            let output = try PipeReader()
            let program = try ChildProcess.start(
                workspace.context.programDirectory + "/TestProgram",
                [
                    "stay", "--private", "--seconds", "1000", "--python", environment, "--path",
                    workspace.folder + "/python",
                ],
                variables: workspace.context.variables, directory: workspace.folder,
                descriptors: [null.number, output.writingEnd, null.number])
            output.closeWritingEnd()
            let line = try await NativeThread.run { output.firstLine() }
            #expect(line == "ready")
            #expect(try await !FoundServer.all(workspace.context).isEmpty)
            program.send(SIGKILL)
            try await workspace.waitUntilNothingRuns()
            #expect(try await FoundServer.all(workspace.context).isEmpty)
            #expect(try files(workspace) == [])
        }
    }
}
