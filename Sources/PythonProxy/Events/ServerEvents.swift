import ProxyTransport
import ProxyWire

/// What servers tell their clients without being asked, for everyone who listens. Streams go on across
/// restarts of the server.
final class ServerEvents: Sendable {
    /// In bytes. What is printed before the first listener is kept for it.
    private let outputs = Broadcast<OutputChunk, Void>(
        capacity: 16 << 20, retainedCapacity: 1 << 20)
    private let records = Broadcast<PythonLogRecord, PythonLogRecord.Level>(
        capacity: 10_000, where: { $1 <= $0.level })
    private let reloadEvents = Broadcast<ReloadEvent, Void>(capacity: 1000)
    private let decoder = ConditionMutex(OutputDecoder())

    // MARK: For listeners

    /// What the server prints.
    var output: AsyncStream<OutputChunk> { outputs.listen() }

    /// What the server reloads.
    var reloads: AsyncStream<ReloadEvent> { reloadEvents.listen() }

    /// Records of Python's logging from a level on.
    func logs(from level: PythonLogRecord.Level) -> AsyncStream<PythonLogRecord> {
        records.listen(level)
    }

    /// The lowest level of records that anyone wants; nil if nobody listens.
    var logLevel: PythonLogRecord.Level? { records.interests.min() }

    /// Ends all streams. New ones begin after `reopen`.
    func finish() {
        for chunk in decoder.withLock({ $0.finish() }) { outputs.send(chunk) }
        outputs.finish()
        records.finish()
        reloadEvents.finish()
    }

    func reopen() {
        outputs.reopen()
        records.reopen()
        reloadEvents.reopen()
    }

    // MARK: For the connection

    func printed(_ output: Output, callID: UInt64) {
        for chunk in decoder.withLock({ $0.decode(output, callID: callID) }) { outputs.send(chunk) }
    }

    func logged(_ record: LogRecord, callID: UInt64) {
        records.send(PythonLogRecord(record, callID: callID))
    }

    func reloaded(_ event: ReloadEvent) { reloadEvents.send(event) }
}
