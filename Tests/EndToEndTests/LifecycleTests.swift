import Foundation
import ProxyTransport
import ProxyWire
import Testing

@testable import PythonProxy

/// Servers: started, joined, stopped, killed.
@Suite(.timeLimit(.minutes(10)))
struct LifecycleTests {
    static let module = """
        import os, signal, sys, ctypes, time
        def pid(): return os.getpid()
        def wait(): time.sleep(3600)
        def shout(): print("last words", flush=True); time.sleep(3600)
        def fault(): ctypes.string_at(0)
        def abort(): os.abort()
        def exit_3(): os._exit(3)
        def wait_for(path):
            print("waiting", flush=True)
            while not os.path.exists(path): time.sleep(0.01)
            return os.getpid()
        def child():
            import subprocess
            return subprocess.Popen(["sleep", "3600"]).pid
        """

    private func with(
        _ environment: TestEnvironment, _ body: (Workspace) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module], body)
    }

    private func files(_ workspace: Workspace) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: workspace.folder)
            .filter { $0 != "python" && $0 != "secret" }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func aScopedProxyLeavesNothing(environment: TestEnvironment) async throws {
        try await with(environment) { workspace in
            let process = try await workspace.withProxy("sample") { sample in
                let process: Int32 = try await sample.pid()
                #expect(process == sample.server.processIdentifier)
                return process
            }
            try await waitUntil("the server has ended") { !isAlive(process) }
            #expect(try files(workspace) == [])
        }
    }

    @Test func aScopedProxyStopsItsServerWhenTheBodyThrows() async throws {
        struct Failure: Error {}
        try await with(try .any) { workspace in
            var process: Int32 = 0
            await #expect(throws: Failure.self) {
                try await workspace.withProxy("sample") { sample in
                    process = try await sample.pid()
                    throw Failure()
                }
            }
            #expect(process != 0)
            try await waitUntil("the server has ended") { !isAlive(process) }
        }
    }

    @Test func aServerOfTheSameIdentityIsJoinedAndSurvivesTheJoiner() async throws {
        try await with(try .any) { workspace in
            let first = try await workspace.proxy("sample")
            let process = first.server.processIdentifier
            let second = try await workspace.proxy("sample")
            #expect(second.server.processIdentifier == process)
            try await workspace.withProxy("sample") {
                #expect($0.server.processIdentifier == process)
            }
            await second.disconnect()
            let again: Int32 = try await first.pid()
            #expect(again == process)
            await first.stopServer()
            #expect(!isAlive(again))
            #expect(try files(workspace) == [])
        }
    }

    @Test(.needsPackages) func aServerOfAnotherIdentityIsAnotherServer() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample")
            let changes: [(inout ProxyConfiguration) -> Void] = [
                { $0.port = 1754 }, { $0.service = "sample" }, { $0.path = ["/"] },
                { $0.workingDirectory = "/" }, { $0.captureOutput = false },
                { $0.python = PythonEnvironment(TestEnvironment.bare.folder) },
            ]
            for change in changes {
                try await workspace.withProxy(nil, change) { other in
                    #expect(other.server.processIdentifier != proxy.server.processIdentifier)
                }
            }
            await proxy.stopServer()
        }
    }

    @Test func fiftyClientsAtOnceShareOneServer() async throws {
        try await with(try .any) { workspace in
            let proxies = try await withThrowingTaskGroup(of: Proxy.self) { group in
                for _ in 0..<50 { group.addTask { try await workspace.proxy("sample") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(proxies.map(\.server.processIdentifier)).count == 1)
            for proxy in proxies { await proxy.stopServer() }
            #expect(try files(workspace) == [])
        }
    }

    @Test func startStopAndRestart() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample")
            let first: Int32 = try await proxy.pid()
            try await proxy.restartServer()
            let second: Int32 = try await proxy.pid()
            #expect(first != second && !isAlive(first))
            await proxy.stopServer()
            #expect(proxy.server.processIdentifier == nil)
            let error = await #expect(throws: ProxyError.self) { try await proxy.pid() }
            #expect("\(error.map { "\($0)" } ?? "")".contains("startServer()"))
            try await proxy.startServer()
            let third: Int32 = try await proxy.pid()
            #expect(third != second)
            await proxy.disconnect()
            #expect(isAlive(third))
            try await proxy.startServer()
            #expect(proxy.server.processIdentifier == third)
            await proxy.stopServer()
        }
    }

    @Test func aCallThatWaitsForEverDoesNotHoldUpTheStop() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample")
            let process = try #require(proxy.server.processIdentifier)
            let call = Task { try await proxy.wait() as PythonValue }
            try await proxy.waitUntilRunning(1)
            await proxy.stopServer()
            #expect(!isAlive(process))
            await #expect(throws: (any Error).self) { try await call.value }
        }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func killingTheServerFailsTheCallAndTheNextOneWorks(environment: TestEnvironment) async throws {
        try await with(environment) { workspace in
            try await workspace.withProxy("sample") { sample in
                let output = sample.server.output
                let calls = (0..<3).map { _ in Task { try await sample.wait() as PythonValue } }
                let shouting = Task { try await sample.shout() as PythonValue }
                for await chunk in output where chunk.text.contains("last words") { break }
                let process = try #require(sample.server.processIdentifier)
                kill(process, SIGKILL)
                for call in calls + [shouting] {
                    let error = await #expect(throws: ProxyError.self) { try await call.value }
                    guard case .serverCrashed(let signal, let last) = error else {
                        Issue.record("\(String(describing: error))")
                        continue
                    }
                    #expect(signal == SIGKILL)
                    #expect(last.contains("last words"))
                }
                let other: Int32 = try await sample.pid()
                #expect(other != process)
            }
        }
    }

    @Test(arguments: TestEnvironment.all)
    func aCrashShowsThePythonStack(environment: TestEnvironment) async throws {
        try await with(environment) { workspace in
            try await workspace.withProxy("sample") { sample in
                for (function, number) in [("fault", SIGSEGV), ("abort", SIGABRT)] {
                    let error = await #expect(throws: ProxyError.self) {
                        try await sample[function]()
                    }
                    guard case .serverCrashed(let signal, let last) = error else {
                        Issue.record("\(String(describing: error))")
                        continue
                    }
                    #expect(signal == number)
                    #expect(last.contains("in \(function)"), "\(last)")
                }
                let error = await #expect(throws: ProxyError.self) { try await sample.exit_3() }
                #expect("\(error.map { "\($0)" } ?? "")".contains("exit status 3"))
                let process: Int32 = try await sample.pid()
                #expect(process > 0)
            }
        }
    }

    /// What is left of a server that could not clean up.
    private func killed(_ workspace: Workspace) async throws {
        let proxy = try await workspace.proxy("sample") { $0.maxConnectionAttempts = 300 }
        let process = try #require(proxy.server.processIdentifier)
        await proxy.disconnect()
        kill(process, SIGKILL)
    }

    @Test func whoListsServersRemovesWhatDeadOnesHaveLeft() async throws {
        try await with(try .any) { workspace in
            try await killed(workspace)
            let found = try await FoundServer.all(workspace.context)
            #expect(found.isEmpty)
            #expect(try files(workspace) == [])
        }
    }

    // MARK: How long a server lives

    @Test func aServerEndsWithItsLastScopeWhoeverStartedIt() async throws {
        try await with(try .any) { workspace in
            // Two scopes with the same parameters, one begun in the other and ended after it.
            let (starts, begun) = AsyncStream.makeStream(of: Int32.self)
            let (ends, end) = AsyncStream.makeStream(of: Void.self)
            let first = Task {
                try await workspace.withProxy("sample") { sample in
                    begun.yield(try await sample.pid())
                    for await _ in ends { break }
                }
            }
            let process = try #require(await starts.first { _ in true })
            try await workspace.withProxy("sample") { sample in
                #expect(sample.server.processIdentifier == process && !sample.server.wasStarted)
                end.yield()
                try await first.value
                // The program that has started the server has left, and nothing has happened.
                for _ in 0..<10 { #expect(try await sample.pid() as Int32 == process) }
                #expect(try await sample.server.status().otherClients.isEmpty)
            }
            try await waitUntil("the server has ended") { !isAlive(process) }
            #expect(try files(workspace) == [])
        }
    }

    @Test func aServerThatALastingProxyHasUsedStays() async throws {
        try await with(try .any) { workspace in
            for starter in ["scope", "proxy"] {
                var process: Int32 = 0
                if starter == "scope" {
                    try await workspace.withProxy("sample") { sample in
                        process = try await sample.pid()
                        let lasting = try await workspace.proxy("sample")
                        #expect(lasting.server.processIdentifier == process)
                        await lasting.disconnect()
                    }
                } else {
                    let lasting = try await workspace.proxy("sample")
                    process = try await lasting.pid()
                    await lasting.disconnect()
                }
                let control = try await FoundServer.all(workspace.context)
                #expect(control.map(\.processIdentifier) == [process])
                #expect(control.first?.status?.endsWithLastClient == false)
                #expect(control.first?.status?.clients == [])
                try await workspace.withProxy("sample") { sample in
                    #expect(sample.server.processIdentifier == process)
                    await sample.stopServer()
                }
                try await waitUntil("the server has ended") { !isAlive(process) }
            }
        }
    }

    @Test func whoLooksAfterAServerDoesNotKeepIt() async throws {
        try await with(try .any) { workspace in
            let (control, process) = try await workspace.withProxy("sample") { sample in
                let control = try await ControlConnection(to: try sample.place)
                #expect(try await control.status().endsWithLastClient)
                return (control, try await sample.pid() as Int32)
            }
            try await control.waitUntilEnded()
            try await waitUntil("the server has ended") { !isAlive(process) }
        }
    }

    @Test func scopesThatBeginAndEndAtOnceDoNotDisturbEachOther() async throws {
        try await with(try .any) { workspace in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        for round in 0..<5 {
                            try await workspace.withProxy("math") { math in
                                let value = Double(number * 5 + round)
                                let root: Double = try await math.sqrt(value * value)
                                #expect(root == value)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await workspace.waitUntilNothingRuns()
            #expect(try files(workspace) == [])
        }
    }

    @Test func anIdleServerEndsByItself() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample") { $0.idleTimeout = .milliseconds(200) }
            let process = try #require(proxy.server.processIdentifier)
            let started = proxy.link.openConnection?.started
            // Not while somebody is connected, be it without calls.
            try await NativeThread.run { _ = started?.waitForEnd(milliseconds: 600) }
            #expect(isAlive(process))
            await proxy.disconnect()
            let ending = try await NativeThread.run { started?.waitForEnd(milliseconds: 10_000) }
            #expect(ending == .exit(status: 0))
            #expect(try files(workspace) == [])
        }
    }

    @Test func sigtermLetsRunningCallsEndAndSendsOthersElsewhere() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample")
            let process = try #require(proxy.server.processIdentifier)
            let started = proxy.link.openConnection?.started
            let output = proxy.server.output
            let gate = workspace.folder + "/gate"
            let running = Task { try await proxy.wait_for(gate) as Int32 }
            for await chunk in output where chunk.text.contains("waiting") { break }
            kill(process, SIGTERM)
            // A call that comes now is made by a new server, without an error.
            var other = process
            while other == process { other = try await proxy.pid() }
            #expect(isAlive(process))
            _ = FileManager.default.createFile(atPath: gate, contents: nil)
            let answer = try await running.value
            #expect(answer == process)
            let ending = try await NativeThread.run { started?.waitForEnd(milliseconds: 10_000) }
            #expect(ending == .exit(status: 0))
            // What it has removed at its end was its own, and not that of the new one.
            try await workspace.withProxy("sample") {
                #expect($0.server.processIdentifier == other)
            }
            #expect(FileManager.default.fileExists(atPath: try proxy.place.logPath))
            await proxy.stopServer()
            #expect(!isAlive(other))
            #expect(try files(workspace).filter { $0 != "gate" } == [])
        }
    }

    @Test func aSecondSigtermDoesNotWait() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample")
            let process = try #require(proxy.server.processIdentifier)
            let started = proxy.link.openConnection?.started
            let output = proxy.server.output
            let running = Task { try await proxy.shout() as PythonValue }
            for await chunk in output where chunk.text.contains("last words") { break }
            let observer = try await ControlConnection(to: try proxy.place)
            kill(process, SIGTERM)
            // The first has been seen once nobody is let in any more.
            let socket = String(proxy.server.address.dropFirst(5))
            try await waitUntil("the socket is gone") {
                !FileManager.default.fileExists(atPath: socket)
            }
            kill(process, SIGTERM)
            let ending = try await NativeThread.run { started?.waitForEnd(milliseconds: 10_000) }
            #expect(ending == .exit(status: 0))
            observer.close()
            await #expect(throws: ProxyError.self) { try await running.value }
        }
    }

    @Test func stoppingAServerThatHangsKillsItsWholeGroup() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample")
            let process = try #require(proxy.server.processIdentifier)
            let child: Int32 = try await proxy.child()
            let started = proxy.link.openConnection?.started
            // It answers nothing any more, not even a signal that can be caught.
            kill(process, SIGSTOP)
            let found = try await FoundServer.all(workspace.context)
            #expect(found.map(\.processIdentifier) == [process])
            #expect(found.first?.status == nil)
            #expect(try await found.first?.stop() == true)
            try await NativeThread.run { _ = started?.waitForEnd(milliseconds: 10_000) }
            try await proxy.server.waitUntilDisconnected()
            #expect(!isAlive(process) && !isAlive(child))
            // The client that has lost the server looks after its remains as well, and locks them meanwhile.
            try await waitUntil("nothing is left of the server") { try files(workspace) == [] }
        }
    }

    @Test func aStaleSocketIsNoObstacle() async throws {
        try await with(try .any) { workspace in
            let proxy = try await workspace.proxy("sample")
            let process = try #require(proxy.server.processIdentifier)
            await proxy.disconnect()
            kill(process, SIGKILL)
            #expect(try files(workspace).contains { $0.hasSuffix(".sock") })
            try await workspace.withProxy("sample") { sample in
                let other: Int32 = try await sample.pid()
                #expect(other != process)
            }
        }
    }

    @Test func anExplicitSocketPathIsUsed() async throws {
        try await with(try .any) { workspace in
            let path = workspace.folder + "/mine.sock"
            try await workspace.withProxy("sample", { $0.url = "unix:" + path }) { sample in
                #expect(sample.server.address == "unix:" + path)
                #expect(FileManager.default.fileExists(atPath: path))
            }
            try await waitUntil("the socket is gone") {
                !FileManager.default.fileExists(atPath: path)
            }
        }
    }

    @Test func descriptorsAreNotLeaked() async throws {
        try await with(try .any) { workspace in
            // Every connection has the log of its server open; other tests of this process have others.
            @Sendable func count() -> Int {
                (0..<4096).count {
                    FileSystem.linkDestination("/proc/self/fd/\($0)")?
                        .hasPrefix(workspace.folder) == true
                }
            }
            try await workspace.withProxy("sample") { sample in _ = try await sample.pid() }
            let server = try await workspace.proxy("sample")
            let before = count()
            for _ in 0..<20 {
                let proxy = try await workspace.proxy("sample")
                _ = try await proxy.pid() as Int32
                await proxy.disconnect()
            }
            // The reading threads of those that were closed end in their own time.
            try await waitUntil("the connections are closed") { count() <= before }
            #expect(before == 1)
            await server.stopServer()
        }
    }
}
