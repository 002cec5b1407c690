import Foundation
import Logging
import ProxyTransport
import ProxyWire
import Synchronization

/// A connection to a server: many calls at a time, each from its own task.
///
/// The caller's thread encodes and writes; one thread of ours reads, and resumes who waits.
final class Connection: Sendable {
    let welcome: Welcome
    /// The server's process, if this client has started it.
    let started: StartedServer?
    private let channel: Channel
    private let limits: Limits
    private let logPath: String
    private let output: OutputBroadcast
    private let state = Mutex(State())
    private let closed = ConditionMutex(false)

    private typealias Waiter = UnsafeContinuation<InboundFrame, any Error>

    private struct State {
        var calls = CallTable<Waiter>()
        /// Why the server says that it closes the connection.
        var goodbye: Closing?
        /// What the server printed last, for the report of a crash.
        var tail = OutputTail()
        var isClosedByUser = false
    }

    init(
        _ joined: ServerLauncher.Joined, logPath: String, output: OutputBroadcast
    ) throws {
        channel = joined.channel
        welcome = joined.welcome
        started = joined.started
        limits = Limits().bounded(by: joined.welcome.limits)
        self.logPath = logPath
        self.output = output
        channel.accept(payloadLimit: Limits().frameLength)
        try NativeThread.start { [self] in readUntilEnd() }
    }

    var isOpen: Bool { state.withLock { $0.calls.isOpen } }

    /// Closes the connection; the server goes on.
    func close() {
        state.withLock { $0.isClosedByUser = true }
        channel.close()
    }

    /// Blocks until the connection has ended.
    func waitUntilClosed() { closed.wait { $0 ? () : nil } }

    // MARK: Calls

    /// Makes a call and waits for its reply.
    ///
    /// - Throws: `PythonError`, `ProxyError`, `CancellationError`.
    func call(_ request: CallRequest) async throws -> InboundFrame {
        let frame = try request.encode(limits: limits)
        return try await exchange(frame, as: .call)
    }

    /// Asks whether the server is there; answered even while calls run.
    func ping() async throws {
        _ = try await exchange(FrameBuffer(), as: .ping)
    }

    private func exchange(_ frame: FrameBuffer, as kind: FrameKind) async throws -> InboundFrame {
        let id = state.withLock { $0.calls.newID() }
        defer { state.withLock { $0.calls.forget(id) } }
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (waiter: Waiter) in
                switch state.withLock({ $0.calls.register(id, waiter) }) {
                case .registered:
                    // If this fails the connection is ending, and the reading thread fails the call.
                    channel.send(frame.seal(kind: kind, callID: id))
                case .cancelled: waiter.resume(throwing: CancellationError())
                case .refused(let error): waiter.resume(throwing: error)
                }
            }
        } onCancel: {
            guard let waiter = state.withLock({ $0.calls.cancelled(id) }) else { return }
            channel.send(FrameBuffer().seal(kind: .cancel, callID: id))
            waiter.resume(throwing: CancellationError())
        }
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
            } else {
                // The connection is open, so the number is still this server's.
                kill(welcome.processIdentifier, signal)
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
        var violation: ProxyError?
        do {
            while let frame = try channel.receive() { try received(frame) }
        } catch let error as WireError {
            violation = .protocolViolation("\(error)")
        } catch let error as ProxyError {
            violation = error
        } catch {
            // The stream has ended in another way than usual; what that means is the same.
        }
        channel.close()
        let error = violation ?? reasonOfEnd()
        let waiters = state.withLock { $0.calls.close(error) }
        closed.signal { $0 = true }
        for waiter in waiters { waiter.resume(throwing: error) }
    }

    private func received(_ frame: InboundFrame) throws {
        switch frame.kind {
        case .reply, .pong:
            state.withLock { $0.calls.answered(frame.callID) }?.waiter.resume(returning: frame)
        case .failure:
            guard let (waiter, output) = state.withLock({ $0.calls.answered(frame.callID) })
            else { return }
            var error = try frame.read(limits: Limits()) { try PythonError(from: &$0) }
            error.output = output.text
            waiter.resume(throwing: error)
        case .rejection:
            guard let (waiter, _) = state.withLock({ $0.calls.answered(frame.callID) })
            else { return }
            waiter.resume(
                throwing: try frame.read(limits: Limits()) { try Rejection(from: &$0) })
        case .output:
            let output = try frame.read(limits: Limits()) { try Output(from: &$0) }
            state.withLock { state in
                state.tail.append(output.bytes)
                state.calls.printed(output.bytes, by: frame.callID)
            }
            self.output.send(output, callID: frame.callID)
        case .goodbye, .refusal:
            let closing = try frame.read(limits: Limits()) { try Closing(from: &$0) }
            state.withLock { $0.goodbye = closing }
        case .hello, .welcome, .call, .cancel, .ping, .shutdown:
            throw ProxyError.protocolViolation("a server does not send \(frame.kind) frames here")
        }
    }

    private func reasonOfEnd() -> ProxyError {
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
        case .protocolViolation, .version, .identity, .other:
            return .protocolViolation(goodbye?.message ?? "")
        case nil:
            return crash(tail)
        }
    }

    private func crash(_ tail: String) -> ProxyError {
        // The end of the stream and the end of the process are almost one event.
        let ending = started?.process.waitForEnd(milliseconds: 500)
        var signal: Int32?
        var lines = [tail, ServerTraces.lastLines(of: logPath)]
        switch ending {
        case .signal(let number): signal = number
        case .exit(let status): lines.append("[the process ended with exit status \(status)]")
        case .unknown, nil: break
        }
        let text = lines.filter { !$0.isEmpty }.joined(separator: "\n")
        return .serverCrashed(signal: signal, lastOutput: ServerTraces.lastLines(of: text, 60))
    }
}

