import ProxyTransport

/// Hands events of a server to everyone who listens, each of whom wants some of them.
final class Broadcast<Event: Sendable, Interest: Sendable>: Sendable {
    private struct Listener {
        let interest: Interest
        let continuation: AsyncStream<Event>.Continuation
    }

    private struct State {
        var listeners: [UInt64: Listener] = [:]
        var lastListener: UInt64 = 0
        var isFinished = false
    }

    private let capacity: Int
    private let state = ConditionMutex(State())

    /// - Parameter capacity: a listener that does not keep up loses the oldest events beyond this number.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// What the listeners want.
    var interests: [Interest] { state.withLock { $0.listeners.values.map(\.interest) } }

    /// A new listener, from now on.
    func listen(_ interest: Interest) -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingNewest(capacity))
        let id = state.withLock { state in
            state.lastListener += 1
            if state.isFinished { continuation.finish() }
            state.listeners[state.lastListener] = Listener(
                interest: interest, continuation: continuation)
            return state.lastListener
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    func send(_ event: Event, where isWanted: (Interest) -> Bool) {
        for listener in state.withLock({ $0.listeners.values }) where isWanted(listener.interest) {
            listener.continuation.yield(event)
        }
    }

    /// Accepts listeners again after `finish`.
    func reopen() { state.withLock { $0.isFinished = false } }

    /// Ends the streams of all listeners, and those of later ones at once.
    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.listeners.values
        }
        for listener in listeners { listener.continuation.finish() }
    }
}
