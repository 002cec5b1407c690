import Foundation
import Logging
import ProxyTransport
import ProxyWire

/// A connection to a server: many calls at a time, each from its own task.
///
/// The caller's thread encodes and writes. One thread of ours reads, and resumes who waits; but where
/// answers come quickly, the caller looks for its own for a moment first, and no thread has to be woken.
///
/// Calls are encoded only when the server has room for them; until then their callers are suspended.
final class Connection: Sendable {
    typealias Waiter = ConnectionState.Waiter

    let welcome: Welcome
    /// The server's process, if this client has started it.
    let started: StartedServer?
    let channel: Channel
    let place: ServerPlace
    /// Open while the connection is, because the file loses its name when the server dies.
    let log: Descriptor?
    let output: OutputBroadcast
    let logs: LogBroadcast
    let reloads: ReloadBroadcast
    let logger: Logger
    let state: ConditionMutex<ConnectionState>
    let closed = ConditionMutex(false)
    private let limits: Limits
    private let lender: SegmentPool?
    /// Of the caller that looks: there is one at a time.
    private let answer = ConnectionState.Answer()

    init(
        _ joined: ServerLauncher.Joined, place: ServerPlace, output: OutputBroadcast,
        logs: LogBroadcast, reloads: ReloadBroadcast, logger: Logger
    ) throws {
        self.reloads = reloads
        self.logger = logger
        channel = joined.channel
        welcome = joined.welcome
        started = joined.started
        limits = joined.limits.bounded(by: joined.welcome.limits)
        state = ConditionMutex(ConnectionState(calls: CallTable(limits: limits)))
        self.place = place
        self.output = output
        self.logs = logs
        do { log = try Descriptor(opening: place.logPath, flags: O_RDONLY | O_NOFOLLOW) } catch {
            // A server that was started by hand may have none.
            log = nil
        }
        channel.open(accepting: joined.limits, sending: limits, isolatesWrites: false)
        lender = channel.lender
        try NativeThread.start { [self] in readUntilEnd() }
    }

    /// Whether calls can be made.
    var isOpen: Bool { state.withLock { $0.calls.isOpen && !$0.isRetired } }

    /// Why the server died, if it did not end in order.
    var crash: ProxyError? {
        state.withLock { state in
            if case .serverCrashed? = state.calls.closingError {
                state.calls.closingError
            } else {
                nil
            }
        }
    }

    /// Closes the connection; the server goes on.
    func close() {
        state.withLock { $0.isClosedByUser = true }
        channel.close()
    }

    /// Blocks until the server has answered all calls, also those that were cancelled.
    func waitUntilSettled() { state.wait { $0.calls.isSettled ? () : nil } }

    /// Blocks until the connection has ended.
    func waitUntilClosed() { closed.wait { $0 ? () : nil } }

    // MARK: Calls

    /// The server has not begun a call, and will not: it can be made elsewhere.
    struct NotBegun: Error {
        let reason: ProxyError
    }

    /// Makes a call and waits for its reply.
    ///
    /// - Throws: `PythonError`, `ProxyError`, `CancellationError`, `NotBegun`.
    nonisolated(nonsending) func call(_ request: CallRequest) async throws -> InboundFrame {
        try await admit()
        let frame: FrameBuffer
        do { frame = try request.encode(limits: limits, lender: lender) } catch {
            withdrawAdmitted()
            throw error
        }
        do {
            return try await exchange(
                frame, as: .call, byteCount: frame.count + frame.lentBytes,
                escalation: request.escalation)
        } catch let rejection as Rejection where rejection.reason == .shutdown {
            state.withLock { $0.isRetired = true }
            throw NotBegun(reason: .serverUnavailable(rejection.message))
        }
    }

    /// Asks whether the server is there; answered even while calls run.
    nonisolated(nonsending) func ping() async throws {
        do { _ = try await exchange(FrameBuffer(), as: .ping) } catch let error as NotBegun {
            throw error.reason
        }
    }

    /// Lets the server take over changed files, and waits until it has.
    func reload(everything: Bool) async throws -> ReloadEvent {
        let request = ReloadRequest(everything: everything).frame()
        do {
            return try await exchange(request, as: .reload).read(limits: limits) { reader in
                try ReloadEvent(from: &reader)
            }
        } catch let error as NotBegun { throw error.reason }
    }

    /// Sends a request and waits for its answer.
    ///
    /// - Parameter byteCount: of a call that has been admitted; nil for what needs no room.
    private nonisolated(nonsending) func exchange(
        _ frame: FrameBuffer, as kind: FrameKind, byteCount: Int? = nil,
        escalation: Escalation = .none
    ) async throws -> InboundFrame {
        let start = AdaptiveSpin.now
        frame.seal(kind: kind, callID: 0)
        switch sendAndLook(frame, byteCount, since: start) {
        case .answered(let result): return try received(result.get())
        case .unanswered(let id): return try await wait(for: id, since: start, escalation)
        case .notSent:
            return try await wait(
                since: start, PendingRequest(), escalation,
                sending: { self.send(frame, byteCount, $0, $1) })
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
        _ frame: FrameBuffer, _ byteCount: Int?, _ waiter: Waiter, _ pending: PendingRequest
    ) {
        var failure: (any Error)?
        var mustWake = false
        func register(isSent: Bool) -> UInt64? {
            state.withLock { state in
                if pending.isCancelled {
                    if byteCount != nil { state.calls.withdrawAdmitted() }
                    failure = CancellationError()
                    return nil
                }
                switch state.calls.register(waiter, byteCount: byteCount, isSent: isSent) {
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
    private func cancel(_ pending: PendingRequest, _ escalation: Escalation) {
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

    private func withdrawAdmitted() {
        let admitted = state.withLock { state in
            state.calls.withdrawAdmitted()
            return state.calls.admitWaiting()
        }
        for waiter in admitted { waiter.resume(with: .success(nil)) }
    }

    // MARK: Looking

    private enum Look {
        case answered(Result<InboundFrame?, any Error>)
        /// The answer did not come quickly; this caller still has the reading role.
        case unanswered(id: UInt64)
        /// Somebody else reads, or answers have not come quickly of late.
        case notSent
        case refused(ProxyError)
    }

    /// Sends a request and looks for its answer for a moment, if nobody else reads.
    private func sendAndLook(_ frame: FrameBuffer, _ byteCount: Int?, since start: UInt64) -> Look {
        guard state.withLock({ $0.spin.isWorthwhile && $0.reading.holder == .nobody }) else {
            return .notSent
        }
        var look = Look.notSent
        _ = channel.send(frame) {
            state.withLock { state in
                guard state.reading.takeForCaller() else { return nil }
                answer.result = nil
                switch state.calls.register(.looking(answer), byteCount: byteCount) {
                case .registered(let id):
                    look = .unanswered(id: id)
                    return id
                case .refused(let error):
                    look = .refused(error)
                    _ = state.reading.giveBack(isAwaited: false)
                    return nil
                }
            }
        }
        guard case .unanswered = look else { return look }
        readAnswer(answer)
        guard let result = answer.take() else { return look }
        let mustWake = state.withLock { state in
            state.spin.waited(nanoseconds: AdaptiveSpin.now - start)
            return state.reading.giveBack(isAwaited: state.calls.isAwaited)
        }
        if mustWake { state.wakeAll() }
        return .answered(result)
    }

    private func readAnswer(_ answer: ConnectionState.Answer) {
        do {
            _ = try AdaptiveSpin.look {
                var failure: (any Error)?
                let isOpen = try channel.receiveAvailable { frame in
                    do { try received(frame) } catch { failure = error }
                }
                if let failure { throw failure }
                return answer.result != nil || !isOpen
            }
        } catch {
            // The reading thread finds the end of the connection, and with it this reason.
            state.withLock { $0.violation = error }
            channel.close()
        }
    }
}
