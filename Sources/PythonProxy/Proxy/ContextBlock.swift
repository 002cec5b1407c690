import ProxyWire

/// A context manager that is entered and left by calls of their own.
struct ContextBlock: Sendable {
    /// That the calls between run in.
    let context: PythonContext
    private let callee: PythonCallee
    /// Where the object is.
    private let connection: Connection?

    /// For so long the end of calls is waited for that still run.
    private static let patience = Duration.seconds(1)

    init(_ object: PythonObject) {
        callee = object._callee
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
    /// - Throws: what `__exit__` raises; `ProxyError.timedOut` if it is called later; `ProxyError.serverUnavailable` if
    ///   the block has ended in order, but the server has not been told so.
    nonisolated(nonsending) func leave(because error: (any Error)? = nil) async throws {
        context.leave()
        guard let connection else { return }
        let request = leaving(because: error)
        if context.hasInner || connection.hasCalls(in: context.number) {
            try await settle(on: connection, orLeaveLaterWith: request)
        }
        // In a task of its own, because the current one may be cancelled.
        let wasEntered = try await Task { [link = callee.link] in
            let reply = try await link.call(request, only: connection)
            return try ValueCoding.decode(Bool?.self, from: reply) != nil
        }.value
        if error == nil, !wasEntered {
            throw ProxyError.serverUnavailable("the server, which ends, has called __exit__ itself")
        }
    }

    /// Waits for a moment until all calls of the block have ended.
    private nonisolated(nonsending) func settle(
        on connection: Connection, orLeaveLaterWith request: CallRequest
    ) async throws {
        let settling = Task { [context] in
            await context.waitForInner()
            try await connection.waitForCalls(in: context.number)
        }
        let hasSettled = Task {
            try await Deadline.run(within: Self.patience) {
                try await valueUnlessCancelled(of: settling)
            }
        }
        do { try await hasSettled.value } catch {
            // A proxy that is dropped meanwhile closes its connection, and the server leaves what has been entered.
            let leaving = Task { [weak link = callee.link] in
                try await settling.value
                _ = try await link?.call(request, only: connection)
            }
            context.outer?.isHeldUp(by: leaving)
            throw error
        }
    }

    private func leaving(because error: (any Error)?) -> CallRequest {
        CallRequest(
            operation: .leave, target: .name(""), arguments: [("", error.map { ThrownError($0) })],
            schema: .optional(.boolean), context: context)
    }
}
