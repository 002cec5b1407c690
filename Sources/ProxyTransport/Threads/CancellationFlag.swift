/// Tells code that blocks that nobody waits for its result any more.
///
/// The flag does not interrupt a blocking call by itself: the caller passes a handler that ends it early, for
/// instance by killing the process whose end it waits for.
package final class CancellationFlag: Sendable {
    private struct State {
        var isCancelled = false
        var handlers: [UInt64: @Sendable () -> Void] = [:]
        var lastHandler: UInt64 = 0
    }

    private let state = ConditionMutex(State())

    package init() {}

    /// On any thread. Does what has been said to end the blocking call early.
    package func cancel() {
        let handlers = state.withLock { state in
            state.isCancelled = true
            return state.handlers.values
        }
        for handler in handlers { handler() }
    }

    /// - Throws: `CancellationError` after `cancel`.
    package func check() throws {
        if state.withLock({ $0.isCancelled }) { throw CancellationError() }
    }

    /// Runs a blocking call.
    ///
    /// - Parameter onCancel: ends it early. Runs on the thread that cancels, at once if that was before; it may
    ///   still run when the call has returned.
    /// - Throws: `CancellationError` after `cancel`, whatever the call has returned or thrown.
    package func run<Value>(
        onCancel: @escaping @Sendable () -> Void, _ body: () throws -> Value
    ) throws -> Value {
        let (id, isCancelled) = state.withLock { state in
            state.lastHandler += 1
            state.handlers[state.lastHandler] = onCancel
            return (state.lastHandler, state.isCancelled)
        }
        defer { state.withLock { _ = $0.handlers.removeValue(forKey: id) } }
        if isCancelled { onCancel() }
        let result = Result { try body() }
        try check()
        return try result.get()
    }
}
