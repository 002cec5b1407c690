import CPlatform
import ProxyTransport
import ProxyWire

/// What a server tells its clients without being asked: output, log records, notes of its own.
extension Server {
    func waitForRoom(for call: CallKey) {
        relay.waitForRoom(for: call, sessions: sessions.withLock { $0 })
    }

    func relay(_ chunk: CapturedChunk) {
        relay.send(
            chunk.call == ReloadTurn.key
                ? CapturedChunk(stream: chunk.stream, call: nil, bytes: chunk.bytes) : chunk,
            sessions: sessions.withLock { $0 })
    }

    /// Sends a log record to those who want it.
    ///
    /// - Returns: whether anyone does.
    package func relay(_ record: LogRecord, of call: CallKey) -> Bool {
        // A forked child has the parent's connections no more.
        if cplatform_in_forked_child() { return false }
        let sessions = sessions.withLock { $0 }.filter {
            guard $0.channel.backlog < OutputRelay.droppingBacklog else { return false }
            guard let level = $0.logLevel, level <= record.level else { return false }
            // Not a call of another client's.
            return call.rawValue == 0 || call.session == $0.id
        }
        for session in sessions {
            session.channel.send(record.frame(callID: call.call))
        }
        return !sessions.isEmpty
    }

    /// Sends log records from a level on to the client of a call.
    package func sendLogs(from level: UInt64, to call: CallKey) {
        sessions.withLock { $0 }.first { $0.id == call.session }?.logLevel = level
    }

    /// Writes a line of the server's own to the log, and shows it to those who observe.
    func note(_ text: String) {
        log.write(line: text)
        let observers = sessions.withLock { $0 }.filter {
            $0.isObserver && $0.channel.backlog < OutputRelay.droppingBacklog
        }
        guard !observers.isEmpty else { return }
        var line = "[server] \(text)\n"
        line.withUTF8 { bytes in
            for observer in observers {
                observer.channel.send(
                    Output.frame(
                        stream: .standardError, bytes: UnsafeRawBufferPointer(bytes), dropped: 0,
                        callID: 0))
            }
        }
    }
}
