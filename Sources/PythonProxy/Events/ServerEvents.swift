import ProxyTransport
import ProxyWire
import Synchronization

/// What servers tell their clients without being asked, for everyone who listens. Streams go on across
/// restarts of the server.
final class ServerEvents: Sendable {
    /// How much output a listener may leave unread, in bytes.
    static let outputCapacity = 16 << 20
    private let outputs = Broadcast<OutputChunk, Void>(capacity: outputCapacity)
    private let records = Broadcast<PythonLogRecord, PythonLogRecord.Level>(
        capacity: 10_000, where: { $1 <= $0.level })
    private let reloadEvents = Broadcast<ReloadEvent, Void>(capacity: 1000)
    private let decoder = ConditionMutex(OutputDecoder())
    /// Shows what nobody listens to; nil: nobody does.
    private let display: OutputDisplay?
    /// What the display calls the last chunk that it was given.
    private let lastShown = Atomic<UInt64>(0)

    init(display: OutputDisplay? = nil) { self.display = display }

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
        for chunk in decoder.withLock({ $0.finish() }) { send(chunk, isStarter: false) }
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

    /// - Parameters:
    ///   - isStarter: whether the server was started for this client, which shows what belongs to no client's
    ///     call.
    ///   - listener: of the call; nothing of it is shown then.
    func printed(
        _ output: Output, callID: UInt64, isStarter: Bool, to listener: OutputListener? = nil
    ) {
        if let listener {
            for chunk in listener.printed(output, callID: callID) { outputs.send(chunk) }
            return
        }
        for chunk in decoder.withLock({ $0.decode(output, callID: callID) }) {
            send(chunk, isStarter: isStarter)
        }
    }

    private func send(_ chunk: OutputChunk, isStarter: Bool) {
        if outputs.send(chunk) { return }
        guard let display, isStarter || chunk.callID != nil else { return }
        lastShown.store(display.show(chunk), ordering: .releasing)
    }

    /// Whether text of this server is about to be shown.
    var isShowing: Bool {
        display.map { !$0.hasShown(lastShown.load(ordering: .acquiring)) } ?? false
    }

    /// Waits until what the server has printed is shown, unless the destination takes nothing.
    nonisolated(nonsending) func waitUntilShown() async {
        guard isShowing else { return }
        await display?.waitUntilShown(lastShown.load(ordering: .acquiring))
    }

    func logged(_ record: LogRecord, callID: UInt64) {
        records.send(PythonLogRecord(record, callID: callID))
    }

    func reloaded(_ event: ReloadEvent) { reloadEvents.send(event) }
}
