import ProxyWire

/// A context manager that is entered and left by calls of their own.
struct ContextBlock: Sendable {
    /// That the calls between run in.
    let context: PythonContext
    private let outer: PythonContext?
    private let callee: PythonCallee
    private let connection: Connection?

    /// For so long the end of calls is waited for that have been given up.
    private static let patience = Duration.seconds(1)

    init(_ object: PythonObject) {
        callee = object._callee
        outer = PythonContext.innermost(of: callee.link)
        context = PythonContext(on: callee.link)
        connection = (callee.target.object?.home as? LinkedConnection)?.connection
    }

    nonisolated(nonsending) func enter() async throws -> PythonObject {
        try await callee.result(.enter)
    }

    /// Calls `__exit__`, if `__enter__` has returned, when all calls of the block have ended. Also in a task that is
    /// cancelled; but if calls do not end soon, it is called later.
    ///
    /// - Parameter error: that has ended the block.
    /// - Throws: what `__exit__` raises; `ProxyError.timedOut` if it is called later.
    nonisolated(nonsending) func leave(because error: (any Error)? = nil) async throws {
        context.leave()
        let request = leaving(because: error)
        if context.hasInner || connection?.hasAbandonedCalls(in: context.number) == true {
            try await settle(orLeaveLaterWith: request)
        }
        // Not on a server that is started for it.
        try callee.target.object?.checkIsThere()
        // In a task of its own, because the current one may be cancelled.
        try await Task { [link = callee.link] in _ = try await link.call(request) }.value
    }

    /// Waits for a moment until all calls of the block have ended.
    private nonisolated(nonsending) func settle(
        orLeaveLaterWith request: CallRequest
    ) async throws {
        let settling = Task { [connection, context] in
            await context.waitForInner()
            try await connection?.waitForAbandonedCalls(in: context.number)
        }
        let hasSettled = Task {
            try await Deadline.run(within: Self.patience) {
                try await valueUnlessCancelled(of: settling)
            }
        }
        do { try await hasSettled.value } catch {
            leaveLater(request, after: settling)
            throw error
        }
    }

    private func leaveLater(_ request: CallRequest, after settling: Task<Void, any Error>) {
        // A proxy that is dropped meanwhile closes its connection, and the server leaves what has been entered.
        let leaving = Task { [weak link = callee.link, connection] in
            try await settling.value
            guard let link, link.openConnection === connection else { return }
            _ = try await link.call(request)
        }
        outer?.isHeldUp(by: leaving)
    }

    private func leaving(because error: (any Error)?) -> CallRequest {
        CallRequest(
            operation: .leave, target: .name(""), arguments: [("", error.map { ThrownError($0) })],
            schema: .boolean, context: context.number)
    }
}
