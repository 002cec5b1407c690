import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Servers that die.
@Suite(.timeLimit(.minutes(10)))
struct CrashTests {
    static let module = """
        import ctypes, os, sys, threading, time
        def pid(): return os.getpid()
        def say(text): print(text, flush=True)
        def fault(): ctypes.string_at(0)
        def note_and_fault(path):
            with open(path, "a") as file: file.write("once\\n")
            ctypes.string_at(0)
        def wait(): print("waiting", flush=True); time.sleep(3600)
        def overflow():
            sys.setrecursionlimit(10 ** 9)
            nested = []
            for _ in range(10 ** 6): nested = [nested]
            repr(nested)
        def in_thread():
            thread = threading.Thread(target=fault)
            thread.start()
            thread.join()
        """

    private func with(
        _ environment: TestEnvironment, _ body: (Workspace) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module], body)
    }

    /// Signal and last output of the crash that a call ends with. Throws if it ends otherwise: who waits for
    /// another call to end with the same crash would wait for ever.
    private func crash(
        _ body: () async throws -> Void
    ) async throws -> (signal: Int32?, output: String) {
        let error = await #expect(throws: ProxyError.self) { try await body() }
        guard case .serverCrashed(let signal, let output) = try #require(error) else {
            throw try #require(error)
        }
        return (signal, output)
    }

    @Test(arguments: TestEnvironment.bothWays)
    func aCrashOnAWorkerOrAThreadShowsItsStackToo(environment: TestEnvironment) async throws {
        try await with(environment) { workspace in
            try await workspace.withProxy("sample") { sample in
                for function in ["fault", "in_thread"] {
                    let output = sample.server.output
                    let waiting = Task { try await sample.wait() as PythonValue }
                    for await chunk in output where chunk.text.contains("waiting") { break }
                    let (signal, text) = try await crash { try await sample[function]() }
                    #expect(signal == SIGSEGV)
                    // Those of all threads.
                    #expect(text.contains("in fault") && text.contains("in wait"), "\(text)")
                    await #expect(throws: ProxyError.self) { try await waiting.value }
                }
            }
        }
    }

    @Test func aStackOverflowInCIsACrashWithAStack() async throws {
        let environment = try TestEnvironment.any
        try await with(environment) { workspace in
            try await workspace.withProxy("sample") { sample in
                // CPython 3.12 and later see it coming.
                guard environment.minorVersion == 11 else {
                    let error = await #expect(throws: PythonError.self) {
                        try await sample.overflow()
                    }
                    #expect(error?.type == "RecursionError")
                    return
                }
                let (signal, text) = try await crash { try await sample.overflow() }
                #expect(signal == SIGSEGV)
                #expect(text.contains("in overflow"), "\(text)")
                // On a worker, too.
                let output = sample.server.output
                let waiting = Task { try await sample.wait() as PythonValue }
                for await chunk in output where chunk.text.contains("waiting") { break }
                let again = try await crash { try await sample.overflow() }
                #expect(again.signal == SIGSEGV)
                #expect(again.output.contains("in overflow"), "\(again.output)")
                await #expect(throws: ProxyError.self) { try await waiting.value }
            }
        }
    }

    @Test func whoHasJoinedLearnsOfTheSignalAsWell() async throws {
        try await with(try .any) { workspace in
            let starter = try await workspace.proxy("sample")
            let joiner = try await workspace.proxy("sample")
            let (signal, text) = try await crash { try await joiner.fault() }
            #expect(signal == SIGSEGV)
            #expect(text.contains("in fault"))
            await starter.stopServer()
            await joiner.stopServer()
        }
    }

    @Test func withoutCaptureACrashShowsItsStackToo() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy("sample", { $0.captureOutput = false }) { sample in
                let (signal, text) = try await crash { try await sample.fault() }
                #expect(signal == SIGSEGV)
                #expect(text.contains("in fault"))
            }
        }
    }

    @Test func beingKilledNamesWhoMayHaveDoneIt() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy("sample") { sample in
                let output = sample.server.output
                let process = try #require(sample.server.processIdentifier)
                let waiting = Task { try await sample.wait() as PythonValue }
                for await chunk in output where chunk.text.contains("waiting") { break }
                kill(process, SIGKILL)
                let (signal, text) = try await crash { _ = try await waiting.value }
                #expect(signal == SIGKILL)
                #expect(text.contains("when memory is short"))
            }
        }
    }

    @Test func otherServersAreNotAffected() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy("sample") { first in
                try await workspace.withProxy("sample", { $0.port = 2 }) { second in
                    let process: Int32 = try await second.pid()
                    _ = try await crash { try await first.fault() }
                    let same: Int32 = try await second.pid()
                    #expect(same == process)
                }
            }
        }
    }

    @Test func aCallThatMayHaveBegunIsNotRepeated() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy("sample") { sample in
                let path = workspace.folder + "/notes"
                _ = try await crash { try await sample.note_and_fault(path) }
                _ = try await sample.pid() as Int32
                #expect(try String(contentsOfFile: path, encoding: .utf8) == "once\n")
            }
        }
    }

    @Test func aCrashLoopIsBrokenByAPause() async throws {
        try await with(try .any) { workspace in
            try await workspace.withProxy("sample") { sample in
                for _ in 0..<5 { _ = try await crash { try await sample.fault() } }
                let error = await #expect(throws: ProxyError.self) { try await sample.pid() }
                let text = error.map { "\($0)" } ?? ""
                #expect(text.contains("crashed 5 times in a row"), "\(text)")
                #expect(text.contains("in fault"))
                #expect(sample.server.processIdentifier == nil)
                // Whoever has mended it need not wait.
                try await sample.startServer()
                let process: Int32 = try await sample.pid()
                #expect(process > 0)
            }
        }
    }

    // MARK: What a server leaves running

    static let children = """
        import subprocess
        def start(own_session):
            return subprocess.Popen(["sleep", "3600"], start_new_session=own_session).pid
        """

    /// Who finds out that the server has been killed.
    enum Finder: CaseIterable { case client, list, nextStart }

    @Test(arguments: Finder.allCases)
    func whoFindsAKilledServerEndsWhatItHasLeft(finder: Finder) async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.children]) { workspace in
            let starter = try await workspace.proxy("sample")
            let child: Int32 = try await starter.start(false)
            let independent: Int32 = try await starter.start(true)
            defer { kill(independent, SIGKILL) }
            let process = try #require(starter.server.processIdentifier)
            // The program that has started the server may be gone as well.
            if finder != .client { await starter.disconnect() }
            kill(process, SIGKILL)
            try await waitUntil("the server is dead") { !isAlive(process) }
            switch finder {
            case .client: try await starter.server.waitUntilDisconnected()
            case .list: #expect(try await FoundServer.all(workspace.context).isEmpty)
            case .nextStart:
                let next = try await workspace.proxy("sample")
                #expect(next.server.processIdentifier != process)
                await next.stopServer()
            }
            try await waitUntil("what the server has started is dead") { !isAlive(child) }
            #expect(isAlive(independent))
            await starter.stopServer()
        }
    }
}
