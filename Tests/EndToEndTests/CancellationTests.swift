import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Tasks that are cancelled and calls that take too long, in whatever the call is doing.
@Suite(.timeLimit(.minutes(10)))
struct CancellationTests {
    static let module = """
        import threading, time, os
        lock = threading.Lock()
        log = []
        def say(text): print(text, flush=True)
        def spin():
            say("started")
            try:
                while True: pass
            except KeyboardInterrupt:
                log.append("interrupted"); raise
        def sleep():
            say("started")
            try: time.sleep(3600)
            except KeyboardInterrupt:
                log.append("interrupted"); raise
        def child():
            import subprocess
            say("started")
            subprocess.run(["sleep", "3600"])
        def hold():
            with lock:
                say("started")
                while True: time.sleep(0.01)
        def hold_until(path):
            with lock:
                say("holding")
                while not os.path.exists(path): time.sleep(0.01)
        def wait_for_lock():
            say("waiting")
            with lock: log.append("got the lock")
            log.append("went on")
        def numpy_call():
            import numpy
            a = numpy.random.default_rng(0).random((300, 300))
            say("started")
            while True: numpy.linalg.svd(a)
        def swallow():
            say("started")
            while True:
                try: time.sleep(3600)
                except BaseException: log.append("swallowed")
        def import_slowly():
            say("started")
            import slow_module
            return slow_module.value
        def in_c():
            say("started")
            sum(range(10 ** 15))
        def first(): log.append("first"); return len(log)
        def taken(): return lock.locked()
        def entries(): return list(log)
        def modules(): import sys; return "slow_module" in sys.modules
        """

    static let slowModule = """
        import time
        end = time.monotonic() + 0.3
        while time.monotonic() < end: pass
        value = 42
        """

    private func withModule(
        _ environment: TestEnvironment, _ body: (Proxy, Workspace) async throws -> Void
    ) async throws {
        try await Workspace.with(
            environment, modules: ["sample": Self.module, "slow_module": Self.slowModule]
        ) { workspace in
            try await workspace.withProxy("sample") { try await body($0, workspace) }
        }
    }

    /// Begins a call, and waits until Python code of it runs.
    private func begin(
        _ function: String, of sample: Proxy, saying text: String = "started"
    ) async throws -> Task<PythonValue, any Error> {
        let output = sample.output
        let call = Task { try await sample[function]() as PythonValue }
        for await chunk in output where chunk.text.contains(text) { break }
        return call
    }

    /// Waits until no call runs but the one that asks.
    private func waitUntilIdle(_ sample: Proxy) async throws {
        let place = sample.link.target.place
        try await NativeThread.run {
            let control = try ControlConnection(to: place)
            while !(try control.status().calls.isEmpty) {}
            control.close()
        }
    }

    @Test(
        arguments: TestEnvironment.bothWays,
        ["spin", "sleep", "child", "hold", "numpy_call"])
    func aCancelledCallEndsAndItsServerGoesOn(
        environment: TestEnvironment, function: String
    ) async throws {
        try await withModule(environment) { sample, _ in
            let process = sample.processIdentifier
            let call = try await begin(function, of: sample)
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            try await waitUntilIdle(sample)
            let isTaken: Bool = try await sample.taken()
            #expect(!isTaken)
            #expect(sample.processIdentifier == process)
        }
    }

    @Test(arguments: TestEnvironment.all)
    func aTimeLimitEndsACallOnAWorkerToo(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample, workspace in
            // The main thread is busy, so that the others run on workers.
            let release = workspace.folder + "/release"
            let output = sample.output
            let holder = Task { try await sample.hold_until(release) as PythonValue }
            for await chunk in output where chunk.text.contains("holding") { break }
            for function in ["spin", "numpy_call"] {
                await #expect(throws: ProxyError.timedOut(after: .milliseconds(300))) {
                    try await sample.with(timeout: .milliseconds(300))[function]()
                }
            }
            // A worker that waits for a lock sees the exception when it gets it.
            let waiting = try await begin("wait_for_lock", of: sample, saying: "waiting")
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            _ = FileManager.default.createFile(atPath: release, contents: nil)
            _ = try await holder.value
            try await waitUntilIdle(sample)
            let isTaken: Bool = try await sample.taken()
            let entries: [String] = try await sample.entries()
            #expect(!isTaken)
            #expect(!entries.contains("went on"))
        }
    }

    @Test func theExceptionIsRaisedOnceAndNotInTheNextCall() async throws {
        try await withModule(try .any) { sample, _ in
            for _ in 0..<10 {
                let call = try await begin("sleep", of: sample)
                call.cancel()
                await #expect(throws: CancellationError.self) { try await call.value }
                for _ in 0..<20 { _ = try await sample.first() as Int }
            }
            let entries: [String] = try await sample.entries()
            #expect(entries.count { $0 == "interrupted" } == 10)
            #expect(entries.count { $0 == "first" } == 200)
        }
    }

    @Test(arguments: TestEnvironment.all)
    func anImportIsFinishedFirst(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample, _ in
            let call = try await begin("import_slowly", of: sample)
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            try await waitUntilIdle(sample)
            let isThere: Bool = try await sample.modules()
            #expect(isThere)
        }
    }

    @Test func aCallBehindOthersNeverBegins() async throws {
        try await withModule(try .any) { sample, workspace in
            let release = workspace.folder + "/release"
            // As many as may run at a time.
            let holders = (0..<64).map { _ in
                Task { try await sample.hold_until(release) as PythonValue }
            }
            try await NativeThread.run { [place = sample.link.target.place] in
                let control = try ControlConnection(to: place)
                while try control.status().calls.count < 64 {}
                control.close()
            }
            let queued = Task { try await sample.first() as Int }
            try await sample.ping()
            queued.cancel()
            await #expect(throws: CancellationError.self) { try await queued.value }
            _ = FileManager.default.createFile(atPath: release, contents: nil)
            for holder in holders { _ = try await holder.value }
            let entries: [String] = try await sample.entries()
            #expect(!entries.contains("first"))
        }
    }

    @Test(arguments: ["swallow", "in_c"])
    func escalationKillsAServerThatTakesNoNote(function: String) async throws {
        try await withModule(try .any) { sample, _ in
            let process = try #require(sample.processIdentifier)
            await #expect(throws: ProxyError.timedOut(after: .milliseconds(200))) {
                try await sample.with(
                    timeout: .milliseconds(200), escalation: .kill(after: .milliseconds(200)))[
                        function]()
            }
            try await sample.waitUntilDisconnected()
            let count: Int = try await sample.first()
            #expect(count == 1)
            #expect(sample.processIdentifier != process)
        }
    }

    @Test func escalationSparesAServerWhoseCallEnds() async throws {
        try await withModule(try .any) { sample, _ in
            let process = sample.processIdentifier
            await #expect(throws: ProxyError.timedOut(after: .milliseconds(100))) {
                try await sample.with(
                    timeout: .milliseconds(100), escalation: .kill(after: .seconds(30))).sleep()
            }
            try await waitUntilIdle(sample)
            let count: Int = try await sample.first()
            #expect(count > 0)
            #expect(sample.processIdentifier == process)
        }
    }

    @Test func callsOfAClientThatLeavesAreInterrupted() async throws {
        try await withModule(try .any) { sample, workspace in
            let other = try await workspace.proxy("sample")
            let call = try await begin("sleep", of: other)
            await other.disconnect()
            await #expect(throws: (any Error).self) { try await call.value }
            try await waitUntilIdle(sample)
            let entries: [String] = try await sample.entries()
            #expect(entries == ["interrupted"])
        }
    }
}
