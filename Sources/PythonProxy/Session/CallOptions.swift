import ProxyWire

/// How calls are made: how long they may take, and who gets what they print.
struct CallOptions: Sendable {
    /// Nil: any time.
    var timeout: Duration?
    var escalation: Escalation
    var output: (@Sendable (OutputChunk) -> Void)?

    init(
        _ timeout: Duration? = nil, _ escalation: Escalation = .none,
        _ output: (@Sendable (OutputChunk) -> Void)? = nil
    ) {
        self.timeout = timeout
        self.escalation = escalation
        self.output = output
    }

    /// Makes a call.
    nonisolated(nonsending) func call(
        _ request: CallRequest, on link: ServerLink
    ) async throws -> ValueCoding.Encoded {
        var request = request
        request.escalation = escalation
        guard let output else { return try await callInTime(request, on: link) }
        let listener = OutputListener(output)
        request.listener = listener
        do {
            let reply = try await callInTime(request, on: link)
            await listener.finish()
            return reply
        } catch {
            // A wait that has been given up ends at once.
            if Self.isGivingUp(error) { await listener.discard() } else { await listener.finish() }
            throw error
        }
    }

    private static func isGivingUp(_ error: any Error) -> Bool {
        if case ProxyError.timedOut = error { return true }
        return error is CancellationError
    }

    private nonisolated(nonsending) func callInTime(
        _ request: CallRequest, on link: ServerLink
    ) async throws -> ValueCoding.Encoded {
        guard let timeout else { return try await link.call(request) }
        return try await Deadline.run(within: timeout) { try await link.call(request) }
    }
}
