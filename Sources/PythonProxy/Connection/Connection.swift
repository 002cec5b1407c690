import Foundation
import Logging
import ProxyTransport
import ProxyWire

/// A connection to a server: many calls at a time, each from its own task.
///
/// The caller's thread encodes and writes. One thread of ours reads, and resumes who waits; but where
/// answers come quickly, the caller looks for its own for a moment first, and no thread has to be woken.
final class Connection: Sendable {
    let welcome: Welcome
    /// The server's process, if this client has started it.
    let started: StartedServer?
    private let channel: Channel
    private let limits: Limits
    private let place: ServerPlace
    /// Open while the connection is, because the file loses its name when the server dies.
    private let log: Descriptor?
    private let output: OutputBroadcast
    private let logs: LogBroadcast
    private let reloads: ReloadBroadcast
    private let logger: Logger
    private let state = ConditionMutex(State())
    private let closed = ConditionMutex(false)
    private let reading = ConditionMutex(ReadingRole())

    private enum Waiter {
        case suspended(UnsafeContinuation<InboundFrame, any Error>)
        /// A caller that looks for the answer itself.
        case looking(Answer)

        func resume(with result: Result<InboundFrame, any Error>) {
            switch self {
            case .suspended(let continuation): continuation.resume(with: result)
            case .looking(let answer): answer.result = result
            }
        }
    }

    /// SAFETY (`@unchecked Sendable`): touched only by the caller that looks, which is the one that reads.
    private final class Answer: @unchecked Sendable {
        var result: Result<InboundFrame, any Error>?
    }

    private struct State {
        var calls = CallTable<Waiter>()
        var spin = AdaptiveSpin()
        /// Why the server says that it closes the connection.
        var goodbye: Closing?
        /// What the server printed last, for the report of a crash.
        var tail = OutputTail()
        var isClosedByUser = false
        /// The server takes no more calls, but answers those that it has.
        var isRetired = false
        /// What was wrong with a frame that a caller has read.
        var violation: (any Error)?
    }

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
        self.place = place
        self.output = output
        self.logs = logs
        do { log = try Descriptor(opening: place.logPath, flags: O_RDONLY | O_NOFOLLOW) } catch {
            // A server that was started by hand may have none.
            log = nil
        }
        channel.open(accepting: joined.limits, sending: limits, isolatesWrites: false)
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
    func call(_ request: CallRequest) async throws -> InboundFrame {
        let frame = try request.encode(limits: limits, lender: channel.lender)
        do {
            return try await exchange(frame, as: .call, escalation: request.escalation)
        } catch let rejection as Rejection where rejection.reason == .shutdown {
            state.withLock { $0.isRetired = true }
            throw NotBegun(reason: .serverUnavailable(rejection.message))
        }
    }

    /// Asks whether the server is there; answered even while calls run.
    func ping() async throws {
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

    private func exchange(
        _ frame: FrameBuffer, as kind: FrameKind, escalation: Escalation = .none
    ) async throws -> InboundFrame {
        try Task.checkCancellation()
        let (id, isWorthLooking) = state.withLock { ($0.calls.newID(), $0.spin.isWorthwhile) }
        let start = AdaptiveSpin.now
        defer {
            state.withLock { state in
                state.calls.forget(id)
                state.spin.waited(nanoseconds: AdaptiveSpin.now - start)
            }
        }
        frame.seal(kind: kind, callID: id)
        guard isWorthLooking, reading.withLock({ $0.takeForCaller() }) else {
            return try await wait(for: id, sending: frame, escalation)
        }
        do {
            if let answer = try look(for: id, sending: frame) {
                giveBackReading()
                return try answer.get()
            }
        } catch {
            giveBackReading()
            throw error
        }
        return try await wait(for: id, sending: nil, escalation)
    }

    /// Suspends until the answer has come.
    ///
    /// - Parameter frame: nil if it has been sent; this caller then reads, and gives that back.
    private func wait(
        for id: UInt64, sending frame: FrameBuffer?, _ escalation: Escalation
    ) async throws -> InboundFrame {
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                let waiter = Waiter.suspended(continuation)
                let registration = state.withLock {
                    frame == nil ? $0.calls.replace(id, waiter) : $0.calls.register(id, waiter)
                }
                if frame == nil { giveBackReading() }
                switch registration {
                case .registered:
                    // If this fails the connection is ending, and the reading thread fails the call.
                    if let frame { channel.send(frame) }
                    // A cancellation may have come in between, and have overtaken the call.
                    if state.withLock({ $0.calls.isAbandoned(id) }) { sendCancel(id, escalation) }
                case .cancelled: waiter.resume(with: .failure(CancellationError()))
                case .refused(let error):
                    waiter.resume(with: .failure(frame == nil ? error : NotBegun(reason: error)))
                }
            }
        } onCancel: {
            guard let waiter = state.withLock({ $0.calls.cancelled(id) }) else { return }
            sendCancel(id, escalation)
            waiter.resume(with: .failure(CancellationError()))
        }
    }

    private func sendCancel(_ id: UInt64, _ escalation: Escalation) {
        channel.send(
            Cancellation(killMilliseconds: escalation.killMilliseconds).frame(callID: id))
    }

    // MARK: Looking

    /// Sends a call and looks for its answer for a moment; nil if it does not come that quickly.
    private func look(
        for id: UInt64, sending frame: FrameBuffer
    ) throws -> Result<InboundFrame, any Error>? {
        let answer = Answer()
        if case .refused(let error) = state.withLock({ $0.calls.register(id, .looking(answer)) }) {
            throw NotBegun(reason: error)
        }
        channel.send(frame)
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
        return answer.result
    }

    /// Lets the reading thread read on, or rest if nobody waits.
    private func giveBackReading() {
        let isAwaited = state.withLock { $0.calls.isAwaited }
        reading.signal { $0.giveBack(isAwaited: isAwaited) }
    }

    // MARK: The server's end

    /// Asks the server to end, and makes it: first kindly, then with signals. Blocks.
    func stopServer() {
        channel.send(FrameBuffer().seal(kind: .shutdown, callID: 0))
        let waits = [(4000, SIGTERM), (2000, SIGKILL), (2000, SIGKILL)]
        for (milliseconds, signal) in waits {
            if hasEnded(within: milliseconds) { return }
            if let started {
                started.process.send(signal)
            } else if let peer = PeerProcess(of: channel.number),
                peer.identifier == welcome.processIdentifier
            {
                peer.send(signal)
            }
        }
    }

    private func hasEnded(within milliseconds: Int) -> Bool {
        guard closed.wait(milliseconds: milliseconds, for: { $0 ? () : nil }) != nil else {
            return false
        }
        return started == nil || started?.process.waitForEnd(milliseconds: milliseconds) != nil
    }

    // MARK: Reading

    private func readUntilEnd() {
        var violation: (any Error)?
        do {
            while let frame = try channel.receive() {
                try received(frame)
                rest()
            }
        } catch {
            violation = error
        }
        channel.close()
        let error = reasonOfEnd(violation ?? state.withLock { $0.violation })
        let waiters = state.signal { $0.calls.close(error) }
        for waiter in waiters { waiter.resume(with: .failure(error)) }
        // A server that could not clean up itself; one that a next call has started is left alone.
        if case .serverCrashed = error, started != nil { ServerTraces.remove(of: place) }
        closed.signal { $0 = true }
    }

    /// Leaves the reading to the callers for as long as they make short calls.
    private func rest() {
        let (isAwaited, isWorthLooking) = state.withLock {
            ($0.calls.isAwaited, $0.spin.isWorthwhile)
        }
        guard isWorthLooking, reading.withLock({ $0.rest(isAwaited: isAwaited) }) else { return }
        var idleTicks = 0
        while true {
            if reading.wait(milliseconds: ReadingRole.tick, for: { $0.isThreads ? true : nil })
                == true
            {
                return
            }
            // Nobody has called for a while, or something has come that no call waits for.
            idleTicks += 1
            let isIdle = idleTicks >= ReadingRole.idleTicks || channel.waitForBytes(milliseconds: 0)
            if reading.withLock({ $0.resume(isIdle: isIdle, idleTicks: &idleTicks) }) { return }
        }
    }

    private func received(_ frame: InboundFrame) throws {
        switch frame.kind {
        case .reply, .pong:
            answered(frame.callID)?.waiter.resume(with: .success(frame))
        case .failure:
            // Read before the waiter is taken: if it cannot be read, the end of the connection reaches it.
            var error = try frame.read(limits: Limits()) { try PythonError(from: &$0) }
            guard let (waiter, output) = answered(frame.callID) else { return }
            error.output = output.text
            waiter.resume(with: .failure(error))
        case .rejection:
            let rejection = try frame.read(limits: Limits()) { try Rejection(from: &$0) }
            answered(frame.callID)?.waiter.resume(with: .failure(rejection))
        case .output:
            let output = try frame.read(limits: Limits()) { try Output(from: &$0) }
            state.withLock { state in
                state.tail.append(output.bytes)
                state.calls.printed(output.bytes, by: frame.callID)
            }
            self.output.send(output, callID: frame.callID)
        case .log:
            logs.send(
                try frame.read(limits: Limits()) { try LogRecord(from: &$0) }, callID: frame.callID)
        case .reloaded:
            let event = try frame.read(limits: Limits()) { try ReloadEvent(from: &$0) }
            logger.debug("\(event.line)", metadata: ["pid": "\(welcome.processIdentifier)"])
            reloads.send(event)
        case .goodbye, .refusal:
            let closing = try frame.read(limits: Limits()) { try Closing(from: &$0) }
            state.withLock { $0.goodbye = closing }
        case .hello, .welcome, .call, .cancel, .ping, .shutdown, .status, .interrupt, .observe,
            .reload, .segment, .release, .forget, .retire:
            throw ProxyError.protocolViolation("a server does not send \(frame.kind) frames here")
        }
    }

    private func answered(_ id: UInt64) -> (waiter: Waiter, output: OutputTail)? {
        if let answered = state.withLock({ $0.calls.answered(id) }) { return answered }
        // It was cancelled: someone may wait for all of those to end.
        state.signal { _ in }
        return nil
    }

    private func reasonOfEnd(_ violation: (any Error)?) -> ProxyError {
        switch violation {
        case let error as WireError: return .protocolViolation("\(error)")
        case let error as ProxyError: return error
        // The stream has ended in another way than usual; what that means is the same.
        case .some, nil: break
        }
        let (goodbye, isClosedByUser, tail) = state.withLock {
            ($0.goodbye, $0.isClosedByUser, $0.tail.text)
        }
        if isClosedByUser {
            return .serverUnavailable(
                "the connection was closed with disconnect(); startServer() opens it again")
        }
        switch goodbye?.reason {
        case .shutdown:
            return .serverUnavailable("the server was stopped; the next call starts a new one")
        case .protocolViolation, .version, .identity, .token, .other:
            return .protocolViolation(goodbye?.message ?? "")
        case nil:
            return crash(tail)
        }
    }

    private func crash(_ tail: String) -> ProxyError {
        // The end of the stream and the end of the process are almost one event.
        let ending = started?.process.waitForEnd(milliseconds: 500)
        let logText: String
        switch log {
        case .some(let file): logText = ServerTraces.lastLines(of: file)
        case nil: logText = ""
        }
        var signal = ServerTraces.epitaph(in: logText)
        var lines = [tail, logText]
        switch ending {
        case .signal(let number): signal = number
        case .exit(let status): lines.append("[the process ended with exit status \(status)]")
        case .unknown, nil: break
        }
        if signal == SIGKILL {
            lines.append(
                "[SIGKILL comes from outside: from someone, or from the system when memory is short]"
            )
        }
        let text = lines.filter { !$0.isEmpty }.joined(separator: "\n")
        return .serverCrashed(signal: signal, lastOutput: ServerTraces.lastLines(of: text, 120))
    }
}
