import Foundation
import Testing

@testable import PythonProxy

/// Calls can be interrupted whatever user code does with signals, and complaints about threads name the remedy.
@Suite(.timeLimit(.minutes(5)))
struct InterruptingTests {
    static let module = #"""
        import os, signal, sqlite3, threading, time

        LOG = []
        def log(): return list(LOG)

        def handle(kind):
            "What user code does with SIGINT."
            LOG.clear()
            def note(number, frame): LOG.append("noted")
            def end(number, frame):
                LOG.append("ended")
                raise KeyboardInterrupt
            handlers = {"default": signal.SIG_DFL, "ignored": signal.SIG_IGN, "noted": note, "ended": end,
                        "python": signal.default_int_handler}
            signal.signal(signal.SIGINT, handlers[kind])
        def spin():
            try:
                print("started", flush=True)
                while True: pass
            except KeyboardInterrupt:
                LOG.append("interrupted")
                raise
        def sleep():
            try:
                print("started", flush=True)
                time.sleep(3600)
            except KeyboardInterrupt:
                LOG.append("interrupted")
                raise
        def take(number): signal.signal(number, lambda *_: None)
        def own_signal(): return signal.SIGRTMAX - 1

        def release_elsewhere():
            lock = threading.RLock()
            thread = threading.Thread(target=lock.acquire)
            thread.start()
            thread.join()
            lock.release()
        def connect():
            global CONNECTION
            CONNECTION = sqlite3.connect(":memory:")
        def query(): return CONNECTION.execute("select 1").fetchone()[0]
        def query_elsewhere():
            made = []
            thread = threading.Thread(target=lambda: made.append(sqlite3.connect(":memory:")))
            thread.start(); thread.join()
            return made[0].execute("select 1").fetchone()[0]
        def handle_signal(): signal.signal(signal.SIGUSR1, lambda *_: None)
        def event_loop():
            import asyncio
            return asyncio.get_event_loop_policy().get_event_loop().is_running()
        def ordinary(): raise ValueError("no")
        """#

    @Test(arguments: TestEnvironment.bothWays)
    func aCallIsInterruptedWhateverHandlesSIGINT(environment: TestEnvironment) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            for kind in ["default", "ignored", "noted", "ended", "python"] {
                for function in ["spin", "sleep"] {
                    if function == "spin", TestEnvironment.delaysSignals { continue }
                    // Signals are handled on the main thread.
                    try await workspace.withProxy("sample", { $0.maximumConcurrentCalls = 1 }) {
                        sample in
                        try await sample.handle(kind)
                        let process = sample.server.processIdentifier
                        let output = sample.server.output
                        let call = Task { try await sample[function]() }
                        for await chunk in output where chunk.text == "started\n" { break }
                        call.cancel()
                        await #expect(throws: CancellationError.self) { try await call.value }
                        try await sample.server.waitUntilSettled()
                        let log: [String] = try await sample.log()
                        // The user's own handler comes first.
                        let first = ["noted": ["noted"], "ended": ["ended"]][kind] ?? []
                        #expect(log == first + ["interrupted"], "\(kind) \(function)")
                        #expect(sample.server.processIdentifier == process)
                    }
                }
            }
        }
    }

    @Test func theSignalOfTheServerIsNobodyElses() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample", { $0.maximumConcurrentCalls = 1 }) { sample in
                let number: Int = try await sample.own_signal()
                let error = await #expect(throws: PythonError.self) {
                    try await sample.take(number)
                }
                #expect(
                    error?.message
                        == "signal \(number) interrupts calls of this server that are cancelled; "
                        + "handle another one")
                try await sample.take(number - 1)
            }
        }
    }

    @Test(arguments: TestEnvironment.all)
    func complaintsAboutThreadsNameTheRemedy(environment: TestEnvironment) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample") { sample in
                try await sample.whileMainThreadIsBusy {
                    for (function, text) in [
                        ("query_elsewhere", "can only be used in that same thread"),
                        ("handle_signal", "only works in main thread"),
                        ("release_elsewhere", "cannot release un-acquired lock"),
                    ] {
                        let error = await #expect(throws: PythonError.self) {
                            try await sample[function]()
                        }
                        #expect(error?.message.contains(text) == true, "\(function)")
                        #expect(error?.notes.count == 1)
                        #expect(error?.notes.first?.contains("maximumConcurrentCalls: 1") == true)
                        #expect(error?.description.contains("maximumConcurrentCalls: 1") == true)
                    }
                    let error = await #expect(throws: PythonError.self) {
                        try await sample.ordinary()
                    }
                    #expect(error?.notes == [])
                }
            }
            // Where all calls run on the main thread, there is nothing to remedy.
            try await workspace.withProxy("sample", { $0.maximumConcurrentCalls = 1 }) { sample in
                try await sample.connect()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            let one: Int = try await sample.query()
                            #expect(one == 1)
                            try await sample.handle_signal()
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
