import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// The end of a server is the end of a Python program, and of all that it has started.
@Suite(.timeLimit(.minutes(5)))
struct EndingTests {
    static let module = #"""
        import os, signal, subprocess, sys, time

        def square(x): return x * x

        def pool(context):
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor
            global POOL
            POOL = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(context))
            assert list(POOL.map(square, range(3))) == [0, 1, 4]
            return list(POOL._processes)

        def old_pool():
            import multiprocessing
            global POOL
            POOL = multiprocessing.Pool(2)
            assert POOL.map(square, range(3)) == [0, 1, 4]
            return [worker.pid for worker in POOL._pool]

        def loky():
            from joblib import Parallel, delayed
            return list(set(Parallel(n_jobs=2)(delayed(os.getpid)() for _ in range(4))))

        def command(text, **options):
            global CHILD
            CHILD = subprocess.Popen(["sh", "-c", text], stdout=subprocess.PIPE, **options)
            assert CHILD.stdout.readline() == b"ready\n"
            return [CHILD.pid]

        def sleeps(): return command("echo ready; exec sleep 1000")
        def ignores(): return command("trap '' TERM; echo ready; while :; do sleep 1000; done")
        def own_group(): return command("echo ready; exec sleep 1000", preexec_fn=os.setpgrp)
        def own_session(): return command("echo ready; exec sleep 1000", start_new_session=True)
        def stopped():
            processes = command("echo ready; exec sleep 1000")
            os.kill(processes[0], signal.SIGSTOP)
            return processes
        def grandchild():
            child = subprocess.Popen(
                ["sh", "-c", "sleep 1000 >/dev/null & echo $!"], stdout=subprocess.PIPE)
            return [int(child.communicate()[0])]

        def shared_memory():
            from multiprocessing import resource_tracker, shared_memory
            global BLOCK
            BLOCK = shared_memory.SharedMemory(create=True, size=100)
            return BLOCK.name, resource_tracker._resource_tracker._pid
        """#

    /// What a call leaves behind, and whether it outlives the server.
    private static let left: [(function: String, arguments: [String], stays: Bool)] = [
        ("pool", ["fork"], false), ("pool", ["spawn"], false), ("pool", ["forkserver"], false),
        ("old_pool", [], false), ("loky", [], false), ("sleeps", [], false),
        ("ignores", [], false), ("own_group", [], false), ("stopped", [], false),
        ("grandchild", [], false), ("own_session", [], true),
    ]

    @Test(.needsPackages) func whatACallHasStartedEndsWithTheServerUnlessItHasASessionOfItsOwn()
        async throws
    {
        try await Workspace.with(.science2, modules: ["sample": Self.module]) { workspace in
            for (function, arguments, stays) in Self.left {
                let sample = try await workspace.proxy("sample")
                let processes = try await sample[function].call(arguments: arguments)
                    .as([Int32].self)
                #expect(processes.count > 0 && processes.allSatisfy(isAlive), "\(function)")
                await sample.stopServer()
                // At once, not after a while.
                for process in processes {
                    #expect(isAlive(process) == stays, "\(function) \(arguments)")
                    if stays { kill(process, SIGKILL) }
                }
            }
        }
    }

    @Test(.needsPackages) func theEndOfAnIdlePoolIsQuickAndNothingIsCutShort() async throws {
        try await Workspace.with(.science2, modules: ["sample": Self.module]) { workspace in
            for (function, arguments) in [("pool", ["fork"]), ("old_pool", []), ("loky", [])] {
                let sample = try await workspace.proxy("sample")
                let log = try sample.place.logPath
                try await sample[function].call(arguments: arguments)
                let file = try Descriptor(opening: log, flags: O_RDONLY)
                await sample.stopServer()
                #expect(!LogTail.text(of: file).contains("without waiting"))
            }
        }
    }

    @Test func sharedMemoryThatNobodyHasRemovedGoesWithTheServer() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let sample = try await workspace.proxy("sample")
            let (name, tracker): (String, Int32) = try await sample.shared_memory()
            #expect(FileManager.default.fileExists(atPath: "/dev/shm/\(name)"))
            await sample.stopServer()
            #expect(!isAlive(tracker))
            #expect(!FileManager.default.fileExists(atPath: "/dev/shm/\(name)"))
        }
    }
}
