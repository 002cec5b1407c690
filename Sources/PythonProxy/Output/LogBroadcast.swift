import ProxyTransport
import ProxyWire

/// Hands log records of a server to everyone who listens.
final class LogBroadcast: Sendable {
    /// A listener that does not keep up loses the oldest records beyond this number.
    private static let listenerCapacity = 10_000

    private struct Listener {
        let level: PythonLogRecord.Level
        let continuation: AsyncStream<PythonLogRecord>.Continuation
    }

    private struct State {
        var listeners: [UInt64: Listener] = [:]
        var lastListener: UInt64 = 0
        var isFinished = false
    }

    private let state = ConditionMutex(State())

    /// The lowest level that anyone wants; nil if nobody listens.
    var level: PythonLogRecord.Level? { state.withLock { $0.listeners.values.map(\.level).min() } }

    /// A new listener, for records from `level` on.
    func listen(from level: PythonLogRecord.Level) -> AsyncStream<PythonLogRecord> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: PythonLogRecord.self, bufferingPolicy: .bufferingNewest(Self.listenerCapacity))
        let id = state.withLock { state in
            state.lastListener += 1
            if state.isFinished { continuation.finish() }
            state.listeners[state.lastListener] = Listener(
                level: level, continuation: continuation)
            return state.lastListener
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    func send(_ record: LogRecord, callID: UInt64) {
        let record = PythonLogRecord(record, callID: callID)
        for listener in state.withLock({ $0.listeners.values }) where listener.level <= record.level
        {
            listener.continuation.yield(record)
        }
    }

    /// Ends the streams of all listeners.
    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.listeners.values
        }
        for listener in listeners { listener.continuation.finish() }
    }
}
