import PythonProxy

extension Proxy {
    /// Runs `body` while another call keeps the main thread of the server, so that calls run on workers.
    func whileMainThreadIsBusy(_ body: () async throws -> Void) async throws {
        let keeper = try await PythonModule(
            """
            import threading
            RELEASED = threading.Event()
            def keep():
                is_main = threading.current_thread() is threading.main_thread()
                print("kept" if is_main else "not kept", flush=True)
                if is_main: RELEASED.wait()
            def release(): RELEASED.set()
            """, on: self)
        let keeping = try await Self.keepMainThread(keeper)
        do {
            try await body()
        } catch {
            keeping.cancel()
            throw error
        }
        try await keeper.release()
        try await keeping.value
    }

    /// - Returns: the call that keeps it.
    private static func keepMainThread(
        _ keeper: PythonModule
    ) async throws -> Task<Void, any Error> {
        while true {
            let printed = AsyncStream.makeStream(of: String.self)
            let keeping = Task {
                defer { printed.continuation.finish() }
                try await keeper.keep.with(output: { printed.continuation.yield($0.text) })()
            }
            if await printed.stream.contains(where: { $0.hasPrefix("kept") }) { return keeping }
            // It has found the main thread busy with what came before.
            try await keeping.value
        }
    }
}
