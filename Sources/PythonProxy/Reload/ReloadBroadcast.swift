import ProxyTransport

/// Hands reload events of a server to everyone who listens.
final class ReloadBroadcast: Sendable {
    /// A listener that does not keep up loses the oldest events beyond this number.
    private static let listenerCapacity = 1000

    private struct State {
        var listeners: [UInt64: AsyncStream<ReloadEvent>.Continuation] = [:]
        var lastListener: UInt64 = 0
        var isFinished = false
    }

    private let state = ConditionMutex(State())

    /// A new listener, from now on.
    func listen() -> AsyncStream<ReloadEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ReloadEvent.self, bufferingPolicy: .bufferingNewest(Self.listenerCapacity))
        let id = state.withLock { state in
            state.lastListener += 1
            if state.isFinished { continuation.finish() }
            state.listeners[state.lastListener] = continuation
            return state.lastListener
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    func send(_ event: ReloadEvent) {
        for listener in state.withLock({ $0.listeners.values }) { listener.yield(event) }
    }

    /// Ends the streams of all listeners.
    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.listeners.values
        }
        for listener in listeners { listener.finish() }
    }
}
