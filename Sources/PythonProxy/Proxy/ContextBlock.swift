import ProxyWire

/// A context manager that is entered and left by calls of their own.
struct ContextBlock: Sendable {
    /// That the calls between run in.
    let context: PythonContext
    private let callee: PythonCallee
    private let connection: Connection?

    /// For so long the end of an interrupted call is waited for.
    private static let patience = Duration.seconds(1)

    init(_ object: PythonObject) {
        callee = object._callee
        context = PythonContext(on: callee.link)
        connection = (callee.target.object?.home as? LinkedConnection)?.connection
    }

    nonisolated(nonsending) func enter() async throws -> PythonObject {
        try await callee.result(.enter)
    }

    /// Calls `__exit__`.
    nonisolated(nonsending) func leave() async throws { try await wait(for: exit(because: nil)) }

    /// Calls `__exit__`, if `__enter__` has returned, also in a task that is cancelled.
    ///
    /// - Throws: what `__exit__` raises, unless `error` is an interruption.
    nonisolated(nonsending) func leave(because error: any Error) async throws {
        let isInterrupted = error.isInterruption
        do {
            try await wait(for: exit(because: error), isInterrupted: isInterrupted)
        } catch let raised as PythonError where !isInterrupted {
            throw raised
        } catch {
            // The error that has led here says more.
        }
    }

    /// - Parameter isInterrupted: does not wait long, as in a task that is cancelled.
    private nonisolated(nonsending) func wait(
        for exit: Task<Void, any Error>, isInterrupted: Bool = false
    ) async throws {
        if !isInterrupted {
            do { return try await valueUnlessCancelled(of: exit) } catch is CancellationError {}
        }
        do {
            // In a task of its own, because this one may be cancelled.
            try await Task {
                try await Deadline.run(within: Self.patience) {
                    try await valueUnlessCancelled(of: exit)
                }
            }.value
        } catch ProxyError.timedOut { throw CancellationError() }
    }

    /// Calls it when the calls of the block that have been given up have ended.
    private func exit(because error: (any Error)?) -> Task<Void, any Error> {
        let thrown = error.map { ThrownError($0) }
        return Task {
            try await connection?.waitForAbandonedCalls(in: context.number)
            let _: Bool = try await callee.result(.leave, [("", thrown)])
        }
    }
}

extension Error {
    /// Whether a call has been given up that may still run.
    fileprivate var isInterruption: Bool {
        if case ProxyError.timedOut? = self as? ProxyError { return true }
        return self is CancellationError
    }
}
