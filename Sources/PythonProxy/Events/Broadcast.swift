import ProxyTransport

/// Hands events of a server to everyone who listens, each of whom wants some of them.
///
/// A listener goes away with the stream that reads from it; the broadcast does not keep it alive, nor the stream
/// the broadcast.
final class Broadcast<Event: QueuedEvent, Interest: Sendable>: Sendable {
    private struct Listener {
        let interest: Interest
        weak var queue: EventQueue<Event>?
    }

    private struct State {
        var listeners: [Listener] = []
        var isFinished = false
    }

    private let capacity: Int
    private let isWanted: @Sendable (Event, Interest) -> Bool
    private let state = ConditionMutex(State())

    /// - Parameter capacity: of each listener's queue, in weights of events.
    init(
        capacity: Int,
        where isWanted: @escaping @Sendable (Event, Interest) -> Bool = { _, _ in true }
    ) {
        self.capacity = capacity
        self.isWanted = isWanted
    }

    /// What the listeners want.
    var interests: [Interest] {
        state.withLock { $0.listeners.filter { $0.queue != nil }.map(\.interest) }
    }

    /// A new listener, from now on.
    func listen(_ interest: Interest) -> AsyncStream<Event> {
        let queue = EventQueue<Event>(capacity: capacity)
        state.withLock { state in
            state.listeners.append(Listener(interest: interest, queue: queue))
            if state.isFinished { queue.finish() }
        }
        return AsyncStream(unfolding: { await queue.next() })
    }

    /// - Returns: whether anyone listens to it.
    @discardableResult
    func send(_ event: Event) -> Bool {
        state.withLock { state in
            var isHeard = false
            var hasLeft = false
            for listener in state.listeners {
                if let queue = listener.queue, !queue.isFinished {
                    guard isWanted(event, listener.interest) else { continue }
                    queue.append(event)
                    isHeard = true
                } else {
                    hasLeft = true
                }
            }
            if hasLeft { state.listeners.removeAll { $0.queue?.isFinished ?? true } }
            return isHeard
        }
    }

    /// Accepts listeners again after `finish`.
    func reopen() { state.withLock { $0.isFinished = false } }

    /// Ends the streams of all listeners, and those of later ones.
    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { listener.queue?.finish() }
    }
}

extension Broadcast where Interest == Void {
    func listen() -> AsyncStream<Event> { listen(()) }
}
