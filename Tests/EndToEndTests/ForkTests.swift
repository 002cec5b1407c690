import Foundation
import Testing

@testable import PythonProxy

/// Processes that Python code starts: children that it forks, worker processes, subprocesses.
@Suite(.timeLimit(.minutes(10)))
struct ForkTests {
    static let module = """
        import os, subprocess, sys, threading, time
        def square(x): return x * x
        def wait(child): return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        def fork_and(end):
            child = os.fork()
            if child == 0: return end()
            return wait(child)
        def raising(error): raise error
        def returns(): return fork_and(lambda: "I am a second server")
        def exits(code): return fork_and(lambda: sys.exit(code))
        def exits_in_words(): return fork_and(lambda: sys.exit("in words"))
        def raises(): return fork_and(lambda: raising(ValueError("in the child")))
        def prints(): return fork_and(lambda: print("from the child", end=""))
        def kills_itself(): return fork_and(lambda: os.kill(os.getpid(), 9))
        def crashes():
            import ctypes
            return fork_and(lambda: ctypes.string_at(0))
        def in_a_thread():
            status = []
            thread = threading.Thread(target=lambda: status.append(fork_and(lambda: 0)))
            thread.start(); thread.join()
            return status[0]
        def starts_a_thread():
            def end():
                thread = threading.Thread(target=lambda: None)
                thread.start(); thread.join()
                sys.exit(7)
            return fork_and(end)
        def grandchild(): return fork_and(lambda: sys.exit(fork_and(lambda: sys.exit(3)) + 1))
        def leaves_a_child():
            child = os.fork()
            if child == 0: time.sleep(0.5)
            return child
        def start_method():
            import multiprocessing
            return multiprocessing.get_start_method()
        def forks_if_asked():
            import multiprocessing
            context = multiprocessing.get_context("fork")
            queue = context.SimpleQueue()
            process = context.Process(target=lambda: queue.put(square(3)))
            process.start()
            result = queue.get()
            process.join()
            return result, process.exitcode
        def pool():
            import multiprocessing
            with multiprocessing.Pool(2) as pool: return pool.map(square, range(5))
        def executor():
            from concurrent.futures import ProcessPoolExecutor
            with ProcessPoolExecutor(2) as executor: return list(executor.map(square, range(5)))
        def run(): return subprocess.run([sys.executable, "-c", "print(6 * 7)"],
            capture_output=True, text=True, check=True).stdout
        def thread_is_main(): return threading.current_thread() is threading.main_thread()
        """

    /// Runs `body` with a module whose calls run on the main thread, and then once more while that is busy.
    private func onBothKindsOfThread(
        _ environment: TestEnvironment,
        _ body: (Proxy, Workspace) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample") { sample in
                try await body(sample, workspace)
                try await sample.whileMainThreadIsBusy {
                    let isMain: Bool = try await sample.thread_is_main()
                    #expect(!isMain)
                    try await body(sample, workspace)
                }
            }
        }
    }

    /// What a child's end must look like to its parent.
    static let endings: [(function: String, status: Int)] = [
        ("returns", 0), ("exits_in_words", 1), ("raises", 1), ("prints", 0), ("kills_itself", -9),
        ("crashes", -11), ("in_a_thread", 0), ("starts_a_thread", 7), ("grandchild", 4),
    ]

    @Test(arguments: TestEnvironment.all)
    func theEndOfTheCallIsTheEndOfAForkedChild(environment: TestEnvironment) async throws {
        try await onBothKindsOfThread(environment) { sample, workspace in
            let process = sample.server.processIdentifier
            for (function, expected) in Self.endings {
                let status: Int = try await sample[function]()
                #expect(status == expected, "\(function)")
            }
            let codes = [0, 3, 255, 256 + 5]
            for code in codes {
                let status: Int = try await sample.exits(code)
                #expect(status == code & 255)
            }
            // The server is the same one, can still be found, and knows of no crash.
            #expect(sample.server.processIdentifier == process)
            let other = try await workspace.proxy("sample") { $0.isScoped = true }
            #expect(other.server.processIdentifier == process)
            await other.disconnect()
            #expect(!workspace.logs.contains("killed by signal"))
        }
    }

    @Test func whatAForkedChildPrintsIsShown() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let text = try await workspace.withProxy("sample") { sample in
                let output = sample.server.output
                try await sample.prints()
                try await sample.raises()
                return Task { await output.reduce("") { $0 + $1.text } }
            }.value
            #expect(text.contains("from the child"))
            #expect(text.contains("ValueError: in the child"))
        }
    }

    @Test func aChildThatOutlivesItsCallHoldsUpNobody() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let proxy = try await workspace.proxy("sample")
            _ = try await proxy.leaves_a_child()
            await proxy.stopServer()
            // The child has neither the socket nor the lock of the place.
            try await proxy.startServer()
            let method: String = try await proxy.start_method()
            #expect(!method.isEmpty)
            await proxy.stopServer()
        }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func workerProcessesAndSubprocessesRun(environment: TestEnvironment) async throws {
        try await onBothKindsOfThread(environment) { sample, _ in
            #expect(try await sample.start_method() as String != "fork")
            #expect(try await sample.pool() as [Int] == [0, 1, 4, 9, 16])
            #expect(try await sample.executor() as [Int] == [0, 1, 4, 9, 16])
            #expect(try await sample.run() as String == "42\n")
            let (result, status): (Int, Int) = try await sample.forks_if_asked()
            #expect(result == 9 && status == 0)
        }
    }

    @Test(.needsPackages) func joblibRunsInACall() async throws {
        let module = """
            import joblib
            def square(x): return x * x
            def parallel():
                return joblib.Parallel(n_jobs=2)(joblib.delayed(square)(i) for i in range(10))
            """
        try await Workspace.with(.science2, modules: ["sample": module]) { workspace in
            try await workspace.withProxy("sample") { sample in
                let squares: [Int] = try await sample.parallel()
                #expect(squares == [0, 1, 4, 9, 16, 25, 36, 49, 64, 81])
            }
        }
    }
}
