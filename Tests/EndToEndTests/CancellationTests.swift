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
        def announced(body):
            def call(*arguments):
                try:
                    say("started")
                    return body(*arguments)
                except KeyboardInterrupt:
                    log.append("interrupted")
                    raise
                finally:
                    say("ended")
            return call
        @announced
        def spin():
            while True: pass
        @announced
        def sleep(): time.sleep(3600)
        @announced
        def child():
            import subprocess
            subprocess.run(["sleep", "3600"])
        @announced
        def hold():
            with lock:
                while True: time.sleep(0.01)
        @announced
        def hold_until(path):
            with lock:
                while not os.path.exists(path): time.sleep(0.01)
        @announced
        def wait_for_lock():
            with lock: log.append("got the lock")
            # Python looks for exceptions from outside when it calls or repeats.
            for _ in range(10): pass
            log.append("went on")
        @announced
        def numpy_call():
            import numpy
            a = numpy.random.default_rng(0).random((300, 300))
            while True: numpy.linalg.svd(a)
        @announced
        def swallow():
            while True:
                try: time.sleep(3600)
                except BaseException: log.append("swallowed")
        @announced
        def import_slowly():
            import slow_module
            return slow_module.value
        @announced
        def in_c(): sum(range(10 ** 15))
        def first(): log.append("first"); return len(log)
        def taken(): return lock.locked()
        def entries(): return list(log)
        import_may_end = False
        def let_import_end(): global import_may_end; import_may_end = True
        def modules(): import sys; return "slow_module" in sys.modules
        """

    static let slowModule = """
        import sample
        print("importing", flush=True)
        while not sample.import_may_end: pass
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

    /// A call that has begun.
    private struct Begun {
        let task: Task<PythonValue, any Error>
        let sample: Proxy

        /// Cancels it, and waits until the server is through with it.
        func cancel(beforeItEnds: () async throws -> Void = {}) async throws {
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await beforeItEnds()
            try await sample.server.waitUntilSettled()
        }
    }

    /// Begins a call, and waits until Python code of it runs.
    private func begin(
        _ function: String, _ arguments: [any Encodable & Sendable] = [], of sample: Proxy,
        saying text: String = "started"
    ) async throws -> Begun {
        let output = sample.server.output
        let call = Task { try await sample[function].call(arguments: arguments) }
        for await chunk in output where chunk.text.contains(text) { break }
        return Begun(task: call, sample: sample)
    }

    @Test(
        arguments: TestEnvironment.bothWays,
        ["spin", "sleep", "child", "hold", "numpy_call"].filter {
            ($0 != "spin" || !TestEnvironment.delaysSignals)
                && ($0 != "numpy_call" || TestEnvironment.hasPackages)
        })
    func aCancelledCallEndsAndItsServerGoesOn(
        environment: TestEnvironment, function: String
    ) async throws {
        try await withModule(environment) { sample, _ in
            let process = sample.server.processIdentifier
            try await begin(function, of: sample).cancel()
            let isTaken: Bool = try await sample.taken()
            #expect(!isTaken)
            #expect(sample.server.processIdentifier == process)
        }
    }

    @Test(arguments: TestEnvironment.all)
    func aTimeLimitEndsACallOnAWorkerToo(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample, workspace in
            // The main thread is busy, so that the others run on workers.
            let release = workspace.folder + "/release"
            let holder = try await begin("hold_until", [release], of: sample)
            for function in ["spin", "numpy_call"]
            where function == "spin" || TestEnvironment.hasPackages {
                await #expect(throws: ProxyError.timedOut(after: .milliseconds(300))) {
                    try await sample.with(timeout: .milliseconds(300))[attribute: function]()
                }
            }
            // A worker that waits for a lock sees the exception when it gets it, or, since 3.14, soon
            // after.
            let waiting = try await begin("wait_for_lock", of: sample)
            waiting.task.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.task.value }
            // The thread that looks at stacks is the one that interrupts, and has done so before.
            _ = try await sample.server.status()
            _ = FileManager.default.createFile(atPath: release, contents: nil)
            _ = try await holder.task.value
            try await sample.server.waitUntilSettled()
            let isTaken: Bool = try await sample.taken()
            let entries: [String] = try await sample.entries()
            #expect(!isTaken)
            #expect(!entries.contains("went on") || environment.minorVersion >= 14)
        }
    }

    @Test func theExceptionIsRaisedOnceAndNotInTheNextCall() async throws {
        try await withModule(try .any) { sample, _ in
            for _ in 0..<10 {
                try await begin("sleep", of: sample).cancel()
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
            try await begin("import_slowly", of: sample, saying: "importing").cancel {
                try await sample.let_import_end()
            }
            let isThere: Bool = try await sample.modules()
            #expect(isThere)
        }
    }

    @Test func aCallBehindOthersNeverBegins() async throws {
        try await withModule(try .any) { sample, workspace in
            let release = workspace.folder + "/release"
            // As many as may run at a time.
            let maximum = ProxyConfiguration().maximumConcurrentCalls
            let holders = (0..<maximum).map { _ in
                Task { try await sample.hold_until(release) as PythonValue }
            }
            try await sample.waitUntilRunning(maximum)
            let queued = Task { try await sample.first() as Int }
            try await sample.server.ping()
            queued.cancel()
            await #expect(throws: CancellationError.self) { try await queued.value }
            // Whose answer shows that the server knows.
            try await sample.server.ping()
            _ = FileManager.default.createFile(atPath: release, contents: nil)
            for holder in holders { _ = try await holder.value }
            let entries: [String] = try await sample.entries()
            #expect(!entries.contains("first"))
        }
    }

    @Test(arguments: ["swallow", "in_c"])
    func escalationKillsAServerThatTakesNoNote(function: String) async throws {
        try await withModule(try .any) { sample, _ in
            let process = try #require(sample.server.processIdentifier)
            await #expect(throws: ProxyError.timedOut(after: .milliseconds(200))) {
                try await sample.with(
                    timeout: .milliseconds(200), escalation: .kill(after: .milliseconds(200)))[
                        attribute: function]()
            }
            try await sample.server.waitUntilDisconnected()
            let count: Int = try await sample.first()
            #expect(count == 1)
            #expect(sample.server.processIdentifier != process)
        }
    }

    @Test func escalationSparesAServerWhoseCallEnds() async throws {
        try await withModule(try .any) { sample, _ in
            let process = sample.server.processIdentifier
            await #expect(throws: ProxyError.timedOut(after: .milliseconds(500))) {
                try await sample.with(
                    timeout: .milliseconds(500), escalation: .kill(after: .seconds(30))
                ).sleep()
            }
            try await sample.server.waitUntilSettled()
            let count: Int = try await sample.first()
            #expect(count > 0)
            #expect(sample.server.processIdentifier == process)
        }
    }

    @Test func callsOfAClientThatLeavesAreInterrupted() async throws {
        try await withModule(try .any) { sample, workspace in
            let other = try await workspace.proxy("sample") { $0.isScoped = true }
            // Can be interrupted on any thread: on a busy machine it may not be the main one.
            let call = try await begin("spin", of: other)
            await other.disconnect()
            await #expect(throws: (any Error).self) { try await call.task.value }
            // Nobody is told of its end: each question is a call of its own.
            try await waitUntil("the call has ended") {
                try await !(sample.entries() as [String]).isEmpty
            }
            let entries: [String] = try await sample.entries()
            #expect(entries == ["interrupted"])
        }
    }
}
