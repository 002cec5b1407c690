import ProxyTransport
import ProxyWire

/// Sends output to the clients that it concerns.
///
/// Output of a call goes to the client that made it. Output that cannot be attributed goes to every
/// client, and to the log if there is none.
///
/// A client that does not read holds up nobody else: code that writes through `sys.stdout` waits for
/// it, and only that call; bytes from descriptors 1 and 2 are dropped once `droppingBacklog` of them
/// wait, and the client is told how many.
final class OutputRelay: Sendable {
    static let waitingBacklog = 8 << 20
    static let droppingBacklog = 64 << 20

    private let log: ServerLog
    private let dropped = ConditionMutex<[Key: Int]>([:])

    private struct Key: Hashable {
        let session: UInt64
        let stream: Output.Stream
    }

    init(log: ServerLog) {
        self.log = log
    }

    /// Sends what a call wrote through Python's streams; waits for a client that is behind.
    func send(
        _ stream: Output.Stream, _ bytes: UnsafeRawBufferPointer, of call: QueuedCall
    ) {
        call.session.channel.waitForBacklog(below: Self.waitingBacklog)
        send(stream, bytes, to: call.session, callID: call.frame.callID)
    }

    /// Sends what was written to a descriptor.
    ///
    /// - Parameters:
    ///   - running: the calls that run now; if there is just one, it gets the credit.
    ///   - sessions: all clients.
    func send(
        _ stream: Output.Stream, _ bytes: UnsafeRawBufferPointer, running: [QueuedCall],
        sessions: [Session]
    ) {
        if running.count == 1, let call = running.first {
            send(stream, bytes, to: call.session, callID: call.frame.callID)
        } else if sessions.isEmpty {
            log.write(bytes)
        } else {
            for session in sessions { send(stream, bytes, to: session, callID: 0) }
        }
    }

    func forget(_ session: Session) {
        dropped.withLock { $0 = $0.filter { $0.key.session != session.id } }
    }

    private func send(
        _ stream: Output.Stream, _ bytes: UnsafeRawBufferPointer, to session: Session,
        callID: UInt64
    ) {
        let key = Key(session: session.id, stream: stream)
        guard session.channel.backlog < Self.droppingBacklog else {
            dropped.withLock { $0[key, default: 0] += bytes.count }
            return
        }
        let missing = dropped.withLock { $0.isEmpty ? 0 : $0.removeValue(forKey: key) ?? 0 }
        session.channel.send(
            Output.frame(stream: stream, bytes: bytes, dropped: missing, callID: callID))
    }
}
