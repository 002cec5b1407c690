import ProxyWire

/// Calls, and the room that they need on the server.
extension Connection {
    /// The server has not begun a call, and will not: it can be made elsewhere.
    struct NotBegun: Error {
        let reason: ProxyError
    }

    /// Makes a call and waits for its reply.
    ///
    /// - Throws: `PythonError`, `ProxyError`, `CancellationError`, `NotBegun`.
    nonisolated(nonsending) func call(_ request: CallRequest) async throws -> InboundFrame {
        try await admit()
        rideDrops()
        let frame: FrameBuffer
        do { frame = try request.encode(for: self) } catch {
            withdrawAdmitted()
            throw error
        }
        // What is named in the arguments exists until the call has ended.
        defer { withExtendedLifetime(request) {} }
        do {
            return try await exchange(
                frame, as: .call,
                CallDetails(
                    byteCount: frame.count + frame.lentBytes, listener: request.listener,
                    context: request.context?.number),
                escalation: request.escalation)
        } catch let rejection as Rejection where rejection.reason == .shutdown {
            state.withLock { $0.isRetired = true }
            throw NotBegun(reason: .serverUnavailable(rejection.message))
        }
    }

    /// Whether there are calls of a context that the server has not answered.
    func hasCalls(in context: UInt64) -> Bool {
        state.withLock { $0.calls.hasCalls(in: context) }
    }

    /// Waits until the server has answered the calls of a context, also those that were cancelled.
    ///
    /// - Throws: why the connection has ended.
    nonisolated(nonsending) func waitForCalls(in context: UInt64) async throws {
        _ = try await withUnsafeThrowingContinuation { continuation in
            let waits = state.withLock {
                $0.calls.waitForCalls(in: context, .suspended(continuation))
            }
            if !waits { continuation.resume(returning: nil) }
        }
    }

    // MARK: Room

    /// Waits until the server has room for one more call.
    ///
    /// - Throws: `CancellationError`, `NotBegun`.
    private nonisolated(nonsending) func admit() async throws {
        try Task.checkCancellation()
        switch state.withLock({ $0.calls.admit() }) {
        case .admitted: return
        case .refused(let error): throw NotBegun(reason: error)
        case .full: break
        }
        let pending = PendingRequest()
        _ = try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { waitForRoom(.suspended($0), pending) }
        } onCancel: {
            cancel(pending, .none)
        }
        guard Task.isCancelled else { return }
        withdrawAdmitted()
        throw CancellationError()
    }

    private func waitForRoom(_ waiter: Waiter, _ pending: PendingRequest) {
        let result = state.withLock { state -> Result<InboundFrame?, any Error>? in
            if pending.isCancelled { return .failure(CancellationError()) }
            if let ticket = state.calls.waitForRoom(waiter) {
                pending.phase = .waitingForRoom(ticket)
                return nil
            }
            if case .refused(let error) = state.calls.admit() {
                return .failure(NotBegun(reason: error))
            }
            return .success(nil)
        }
        if let result { waiter.resume(with: result) }
    }

    func withdrawAdmitted() {
        let admitted = state.withLock { state in
            state.calls.withdrawAdmitted()
            return state.calls.admitWaiting()
        }
        for waiter in admitted { waiter.resume(with: .success(nil)) }
    }
}
