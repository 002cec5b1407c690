import Foundation
import Testing

@testable import PythonProxy

/// A call that is interrupted leaves no `with` statement half entered, and no lock locked.
@Suite(.timeLimit(.minutes(10)))
struct WithStatementTests {
    static let module = #"""
        import contextlib, threading

        class Own:
            def __init__(self): self.lock = threading.Lock()
            def __enter__(self):
                self.lock.acquire()
                return self
            def __exit__(self, *_): self.lock.release()

        LOCK = threading.Lock()
        @contextlib.contextmanager
        def generated():
            with LOCK: yield

        LOCKS = {"Lock": threading.Lock(), "RLock": threading.RLock(), "Condition": threading.Condition(),
                 "Semaphore": threading.Semaphore(), "Own": Own()}
        def manager(name): return generated() if name == "contextlib" else LOCKS[name]

        RELEASE = threading.Event()
        def hold(name):
            "Holds it, on a thread of its own, until `release`."
            global HOLDER
            begun = threading.Event()
            def run():
                with manager(name):
                    begun.set()
                    RELEASE.wait()
            RELEASE.clear()
            HOLDER = threading.Thread(target=run)
            HOLDER.start()
            begun.wait()
        def release():
            RELEASE.set()
            HOLDER.join()
        def is_free(name):
            def run():
                with manager(name): found.append(True)
            found, thread = [], threading.Thread(target=run, daemon=True)
            thread.start()
            thread.join(20)
            return bool(found)

        def wait(name):
            lock = manager(name)
            print("started", flush=True)
            with lock: pass
            return "entered"
        def enter_often(name):
            print("started", flush=True)
            while True:
                with manager(name): pass
        """#

    static let managers = ["Lock", "RLock", "Condition", "Semaphore", "contextlib", "Own"]

    /// Cancels a call that has begun, and waits for its end on the server.
    private func cancel(
        _ function: String, _ name: String, of sample: Proxy,
        beforeItEnds: () async throws -> Void = {}
    ) async throws {
        let output = sample.server.output
        let call = Task { try await sample[function](name) }
        for await chunk in output where chunk.text.contains("started") { break }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        try await beforeItEnds()
        try await sample.server.waitUntilSettled()
    }

    /// Whether the `__exit__` of a manager has a loop, and is not waited for.
    private static func exitRepeats(_ name: String, _ environment: TestEnvironment) -> Bool {
        name == "Semaphore" && environment.minorVersion <= 11
    }

    private func requireFree(_ name: String, of sample: Proxy) async throws {
        let isFree: Bool = try await sample.is_free(name)
        try #require(isFree, "\(name) is locked")
    }

    @Test(arguments: TestEnvironment.bothWays)
    func onTheMainThreadTheWaitEndsAndNothingIsLocked(environment: TestEnvironment) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { $0.maximumConcurrentCalls = 1 }) { sample in
                for name in Self.managers {
                    try await sample.hold(name)
                    try await cancel("wait", name, of: sample)
                    try await sample.release()
                    try await requireFree(name, of: sample)
                    if TestEnvironment.delaysSignals { continue }
                    if Self.exitRepeats(name, environment) { continue }
                    for _ in 0..<3 { try await cancel("enter_often", name, of: sample) }
                    try await requireFree(name, of: sample)
                }
            }
        }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func onAWorkerTheExceptionFollowsTheWaitAndNothingIsLocked(
        environment: TestEnvironment
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample") { sample in
                try await sample.whileMainThreadIsBusy {
                    let server = try await workspace.proxy("sample") { $0.isScoped = true }
                    for name in Self.managers {
                        for _ in 0..<3 {
                            try await server.hold(name)
                            try await cancel("wait", name, of: server) {
                                try await server.release()
                            }
                            try await requireFree(name, of: server)
                            // Whose __exit__ is written in Python, and not called by one that is not.
                            let mayStayLocked = ["Condition", "Semaphore", "Own"].contains(name)
                            if mayStayLocked, environment.minorVersion >= 13 { continue }
                            if Self.exitRepeats(name, environment) { continue }
                            try await cancel("enter_often", name, of: server)
                            try await requireFree(name, of: server)
                        }
                    }
                    await server.disconnect()
                }
            }
        }
    }
}
