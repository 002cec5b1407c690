import ProxyTransport
import ProxyWire

/// A request and its answer: how callers wait, and what becomes of a request that is cancelled.
extension Connection {
    /// Sends a request and waits for its answer.
    ///
    /// - Parameters:
    ///   - call: that has been admitted; nil for what needs no room.
    nonisolated(nonsending) func exchange(
        _ frame: FrameBuffer, as kind: FrameKind, _ call: CallDetails? = nil,
        escalation: Escalation = .none
    ) async throws -> InboundFrame {
        let start = AdaptiveSpin.now
        frame.seal(kind: kind, callID: 0)
        switch sendAndLook(frame, call, since: start) {
        case .answered(let result): return try received(result.get())
        case .unanswered(let id): return try await wait(for: id, since: start, escalation)
        case .notSent:
            return try await wait(
                since: start, PendingRequest(), escalation,
                sending: { self.send(frame, call, $0, $1) })
        case .refused(let error): throw NotBegun(reason: error)
        }
    }

    /// Suspends until the answer of a request that has been sent comes. This caller has the reading role,
    /// and gives it back.
    private nonisolated(nonsending) func wait(
        for id: UInt64, since start: UInt64, _ escalation: Escalation
    ) async throws -> InboundFrame {
        try await wait(since: start, PendingRequest(.sent(id)), escalation) { waiter, pending in
            let (error, mustWake) = state.withLock { state -> ((any Error)?, Bool) in
                // A cancellation that has come before this has found a caller that looks, and not resumed it.
                let error: (any Error)? =
                    pending.isCancelled ? CancellationError() : state.calls.replace(id, waiter)
                return (error, state.reading.giveBack(isAwaited: state.calls.isAwaited))
            }
            if mustWake { state.wakeAll() }
            if let error { waiter.resume(with: .failure(error)) }
        }
    }

    private nonisolated(nonsending) func wait(
        since start: UInt64, _ pending: PendingRequest, _ escalation: Escalation,
        sending send: (Waiter, PendingRequest) -> Void
    ) async throws -> InboundFrame {
        defer {
            state.withLock { $0.spin.waited(nanoseconds: AdaptiveSpin.now - start) }
        }
        return try received(
            try await withTaskCancellationHandler {
                try await withUnsafeThrowingContinuation { send(.suspended($0), pending) }
            } onCancel: {
                cancel(pending, escalation)
            })
    }

    private func received(_ frame: InboundFrame?) throws -> InboundFrame {
        guard let frame else { throw ProxyError.protocolViolation("an answer without a frame") }
        return frame
    }

    /// Sends a request for which `waiter` waits without reading.
    private func send(
        _ frame: FrameBuffer, _ call: CallDetails?, _ waiter: Waiter, _ pending: PendingRequest
    ) {
        var failure: (any Error)?
        var mustWake = false
        func register(isSent: Bool) -> UInt64? {
            state.withLock { state in
                if pending.isCancelled {
                    if call != nil { state.calls.withdrawAdmitted() }
                    failure = CancellationError()
                    return nil
                }
                switch state.calls.register(waiter, call, isSent: isSent) {
                case .registered(let id):
                    pending.phase = .sent(id)
                    mustWake = state.reading.needed()
                    return id
                case .refused(let error):
                    failure = NotBegun(reason: error)
                    return nil
                }
            }
        }
        // If the channel is closed, the reading thread finds out why, and tells the caller.
        if !channel.send(frame, numberedBy: { register(isSent: true) }) {
            _ = register(isSent: false)
        }
        if mustWake { state.wakeAll() }
        if let failure { waiter.resume(with: .failure(failure)) }
    }

    /// The task of a request has been cancelled.
    func cancel(_ pending: PendingRequest, _ escalation: Escalation) {
        let (waiter, id) = state.withLock { state -> (Waiter?, UInt64?) in
            defer { pending.phase = .cancelled }
            switch pending.phase {
            case .new, .cancelled: return (nil, nil)
            case .waitingForRoom(let ticket): return (state.calls.leaveQueue(ticket), nil)
            case .sent(let id):
                let waiter = state.calls.cancelled(id)
                return (waiter, waiter == nil ? nil : id)
            }
        }
        if let id {
            channel.send(
                Cancellation(killMilliseconds: escalation.killMilliseconds).frame(callID: id))
        }
        // One that still looks finds out by itself.
        if case .suspended? = waiter { waiter?.resume(with: .failure(CancellationError())) }
    }
}
