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
        let listener = OutputListener(capacity: ServerEvents.outputCapacity)
        request.listener = listener
        // The reading thread must not wait for code of the program.
        async let allOutput: Void = {
            while let chunk = await listener.next() { output(chunk) }
        }()
        let result: Result<ValueCoding.Encoded, any Error>
        do {
            result = .success(try await callInTime(request, on: link))
        } catch {
            result = .failure(error)
        }
        listener.finish()
        await allOutput
        return try result.get()
    }

    private nonisolated(nonsending) func callInTime(
        _ request: CallRequest, on link: ServerLink
    ) async throws -> ValueCoding.Encoded {
        guard let timeout else { return try await link.call(request) }
        return try await Deadline.run(within: timeout) { try await link.call(request) }
    }
}
