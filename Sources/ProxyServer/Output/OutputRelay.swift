import ProxyTransport
import ProxyWire

/// Sends output to the clients that it concerns.
///
/// Output of a call goes to the client that made it, and to those that observe the server. Output that
/// cannot be attributed goes to every client, and to the log if there is none.
///
/// A client that does not read holds up nobody else: code that writes through `sys.stdout` waits for
/// it, and only that call, and not for ever; bytes are dropped once `droppingBacklog` of them wait, and the
/// client is told how many.
final class OutputRelay: Sendable {
    static let waitingBacklog = 8 << 20
    static let longestWaitMilliseconds = 5000
    static let droppingBacklog = 64 << 20

    private let log: ServerLog
    /// For the first client.
    private let early: EarlyOutput
    private let dropped = ConditionMutex<[Key: Int]>([:])

    private struct Key: Hashable {
        let session: UInt64
        let stream: Output.Stream
    }

    init(log: ServerLog, early: EarlyOutput) {
        self.log = log
        self.early = early
    }

    /// Sends a chunk.
    ///
    /// - Parameter sessions: all clients.
    func send(_ chunk: CapturedChunk, sessions: [Session]) {
        if let call = chunk.call {
            let session = sessions.first { $0.id == call.session }
            // What a call prints whose client has left is nobody else's business.
            if let session {
                send(chunk, to: session, callID: call.call)
            } else {
                log.write(chunk)
            }
            for observer in sessions where observer.isObserver && observer !== session {
                send(chunk, to: observer, callID: 0)
            }
        } else if sessions.isEmpty {
            log.write(chunk)
            early.append(chunk)
        } else {
            for session in sessions { send(chunk, to: session, callID: 0) }
        }
    }

    /// Sends a client what was printed before the first one came, if it is that.
    func greet(_ session: Session) {
        for chunk in early.take() { send(chunk, to: session, callID: 0) }
    }

    /// Waits for a client that is behind with its reading.
    func waitForRoom(for call: CallKey, sessions: [Session]) {
        sessions.first { $0.id == call.session }?
            .waitForRoom(below: Self.waitingBacklog, milliseconds: Self.longestWaitMilliseconds)
    }

    func forget(_ session: Session) {
        dropped.withLock { $0 = $0.filter { $0.key.session != session.id } }
    }

    private func send(_ chunk: CapturedChunk, to session: Session, callID: UInt64) {
        let key = Key(session: session.id, stream: chunk.stream)
        guard session.channel.backlog < Self.droppingBacklog else {
            dropped.withLock { $0[key, default: 0] += chunk.bytes.count }
            return
        }
        let missing = dropped.withLock { $0.isEmpty ? 0 : $0.removeValue(forKey: key) ?? 0 }
        chunk.bytes.withUnsafeBytes { bytes in
            _ = session.channel.send(
                Output.frame(
                    stream: chunk.stream, bytes: bytes, dropped: missing, callID: callID))
        }
    }
}
