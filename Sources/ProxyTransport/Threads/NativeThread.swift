import CPlatform
import SystemPackage

/// Threads of our own, for work that blocks: Swift's cooperative pool must not.
package enum NativeThread {
    /// Starts a thread that runs `body` once.
    ///
    /// - Parameters:
    ///   - stackSize: in bytes. macOS gives 512 kB by default, which importing numpy overflows.
    ///   - blocksSignals: false for threads that run code of others, which may start processes: these
    ///     inherit the mask, and could not be terminated.
    package static func start(
        stackSize: Int = 1 << 20, blocksSignals: Bool = true, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        let box = Unmanaged.passRetained(ThreadBody(body))
        // SAFETY: the thread takes over the reference that was retained for it.
        let status = cplatform_start_thread(
            stackSize, blocksSignals,
            { Unmanaged<ThreadBody>.fromOpaque($0).takeRetainedValue().body() },
            box.toOpaque())
        guard status == 0 else {
            box.release()
            throw SystemError("starting a thread", errno: Errno(rawValue: status))
        }
    }

    /// Runs blocking work on a thread of its own and waits for it without blocking.
    package static func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        // The value crosses in a mutex, not in the continuation: Thread Sanitizer sees the one and not the
        // other.
        let result = ConditionMutex<Result<Value, any Error>?>(nil)
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            do throws(SystemError) {
                try start {
                    let value = Result { try body() }
                    result.withLock { $0 = value }
                    continuation.resume()
                }
            } catch {
                result.withLock { $0 = .failure(error) }
                continuation.resume()
            }
        }
        guard let value = result.withLock({ $0 }) else { throw CancellationError() }
        return try value.get()
    }

    /// Runs blocking work that can be ended early on a thread of its own, and waits for it without blocking.
    ///
    /// - Parameter body: its flag is set when the task is cancelled.
    package static func runCancellable<Value: Sendable>(
        _ body: @escaping @Sendable (CancellationFlag) throws -> Value
    ) async throws -> Value {
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await run { try body(flag) }
        } onCancel: {
            flag.cancel()
        }
    }
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
