import DequeModule
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
        /// What came before the first listener.
        var retained: Deque<Event> = []
        var retainedWeight = 0
        var hadListener = false
    }

    private let capacity: Int
    private let retainedCapacity: Int
    private let isWanted: @Sendable (Event, Interest) -> Bool
    private let state = ConditionMutex(State())

    /// - Parameters:
    ///   - capacity: of each listener's queue, in weights of events.
    ///   - retainedCapacity: how much is kept until there is a listener.
    init(
        capacity: Int, retainedCapacity: Int = 0,
        where isWanted: @escaping @Sendable (Event, Interest) -> Bool = { _, _ in true }
    ) {
        self.capacity = capacity
        self.retainedCapacity = retainedCapacity
        self.isWanted = isWanted
    }

    /// What the listeners want.
    var interests: [Interest] {
        state.withLock { $0.listeners.filter { $0.queue != nil }.map(\.interest) }
    }

    /// A new listener, from now on; the first one also gets what was kept for it.
    func listen(_ interest: Interest) -> AsyncStream<Event> {
        let queue = EventQueue<Event>(capacity: capacity)
        state.withLock { state in
            state.listeners.append(Listener(interest: interest, queue: queue))
            state.hadListener = true
            for event in state.retained { queue.append(event) }
            state.retained = []
            state.retainedWeight = 0
            if state.isFinished { queue.finish() }
        }
        return AsyncStream(unfolding: { await queue.next() })
    }

    func send(_ event: Event) {
        state.withLock { state in
            state.listeners.removeAll { $0.queue == nil }
            for listener in state.listeners where isWanted(event, listener.interest) {
                listener.queue?.append(event)
            }
            if !state.hadListener { retain(event, &state) }
        }
    }

    /// Accepts listeners again after `finish`.
    func reopen() { state.withLock { $0.isFinished = false } }

    /// Ends the streams of all listeners, and those of later ones once they have read what was kept.
    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { listener.queue?.finish() }
    }

    private func retain(_ event: Event, _ state: inout State) {
        guard retainedCapacity > 0 else { return }
        state.retained.append(event)
        state.retainedWeight += event.weight
        while state.retainedWeight > retainedCapacity, state.retained.count > 1 {
            state.retainedWeight -= state.retained.removeFirst().weight
        }
    }
}

extension Broadcast where Interest == Void {
    func listen() -> AsyncStream<Event> { listen(()) }
}
