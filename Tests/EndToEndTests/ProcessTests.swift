import Foundation
import Testing

@testable import PythonProxy

/// Python code that starts processes of its own.
@Suite(.timeLimit(.minutes(10)))
struct ProcessTests {
    static let module = """
        import multiprocessing, os, subprocess, time
        def terminate_forked():
            child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
            child.start(); child.terminate(); child.join(30)
            return child.exitcode
        def terminate_started():
            child = subprocess.Popen(["sleep", "60"]); child.terminate()
            return child.wait(30)
        def wait(seconds): print("waiting", flush=True); time.sleep(seconds)
        def leave_forked():
            child = os.fork()
            if child == 0:
                time.sleep(60); os._exit(0)
            return child
        def chatter(): return subprocess.Popen(["yes"], stderr=subprocess.DEVNULL).pid
        def spawn_context():
            with multiprocessing.get_context("spawn").Pool(1) as pool: return pool.apply(abs, (-3,))
        def fine(): return 1
        """

    private func withModule(_ body: (Proxy) async throws -> Void) async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { _ in }, body)
        }
    }

    @Test(.enabled(if: !TestEnvironment.delaysSignals, "the child gets the signal too late"))
    func terminatingAForkedChildDoesNotEndTheServer() async throws {
        try await withModule { sample in
            let process = sample.server.processIdentifier
            let status: Int32 = try await sample.terminate_forked()
            #expect(status == -SIGTERM)
            try await sample.server.ping()
            #expect(sample.server.processIdentifier == process)
        }
    }

    @Test func processesStartedByAWorkerCanBeTerminated() async throws {
        try await withModule { sample in
            // The main thread is busy, so the next call runs on a worker.
            let output = sample.server.output
            let busy = Task { try await sample.wait(60) as PythonValue }
            for await chunk in output where chunk.text.contains("waiting") { break }
            let status: Int32 = try await sample.terminate_started()
            #expect(status == -SIGTERM)
            busy.cancel()
            _ = try? await busy.value
        }
    }

    @Test func aForkedChildDoesNotKeepADeadServersConnectionsOpen() async throws {
        try await withModule { sample in
            let child: Int32 = try await sample.leave_forked()
            defer { kill(child, SIGKILL) }
            let output = sample.server.output
            let waiting = Task { try await sample.wait(60) as PythonValue }
            // The call must have begun: one made after the kill would run on a new server.
            for await chunk in output where chunk.text.contains("waiting") { break }
            kill(try #require(sample.server.processIdentifier), SIGKILL)
            await #expect(throws: ProxyError.self) { try await waiting.value }
            let fine: Int = try await sample.fine()
            #expect(fine == 1)
        }
    }

    @Test func aChildThatNeverStopsPrintingHoldsUpNoCall() async throws {
        try await withModule { sample in
            let child: Int32 = try await sample.chatter()
            defer { kill(child, SIGKILL) }
            for _ in 0..<20 {
                let fine: Int = try await sample.fine()
                #expect(fine == 1)
            }
        }
    }

    @Test func spawnedWorkersOfMultiprocessingArePythons() async throws {
        try await withModule { sample in
            let value: Int = try await sample.spawn_context()
            #expect(value == 3)
        }
    }
}
