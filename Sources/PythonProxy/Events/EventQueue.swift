import DequeModule
import ProxyTransport

/// The events that one listener has not read yet. When they exceed the capacity, the oldest are dropped.
///
/// An `AsyncStream` by itself bounds the number of events, not their weight, and does not say what was lost.
final class EventQueue<Event: QueuedEvent>: Sendable {
    private typealias Waiter = CheckedContinuation<Event?, Never>

    private struct State {
        var events: Deque<Event> = []
        var weight = 0
        /// Since the last event of that category was handed out.
        var losses: [Event.Category: Int] = [:]
        var waiter: Waiter?
        var isFinished = false
    }

    private let capacity: Int
    private let state = ConditionMutex(State())

    init(capacity: Int) { self.capacity = capacity }

    /// Whether nothing more is taken: its reader has left, or has been told that nothing comes.
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func append(_ event: Event) {
        let (waiter, next) = state.signal { state -> (Waiter?, Event?) in
            guard !state.isFinished else { return (nil, nil) }
            state.events.append(event)
            state.weight += event.weight
            while state.weight > capacity, state.events.count > 1 {
                let lost = state.events.removeFirst()
                state.weight -= lost.weight
                state.losses[lost.category, default: 0] += lost.loss
            }
            guard let waiter = state.waiter else { return (nil, nil) }
            state.waiter = nil
            return (waiter, Self.next(&state))
        }
        waiter?.resume(returning: next)
    }

    /// Nothing comes after what is there.
    func finish() {
        let waiter = state.signal { state in
            state.isFinished = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    /// Nothing comes any more, not even what is there.
    func discard() {
        state.withLock {
            $0.events = []
            $0.weight = 0
        }
        finish()
    }

    /// The next event; nil at the end. Blocks the thread.
    func waitForNext() -> Event? {
        state.wait { state -> Event?? in
            if let event = Self.next(&state) { return .some(event) }
            return state.isFinished ? .some(nil) : nil
        }
    }

    /// The next event, waited for; nil at the end, or if the task is cancelled.
    func next() async -> Event? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isReady, other) = state.withLock { state -> (Bool, Waiter?) in
                    guard state.events.isEmpty, !state.isFinished, !Task.isCancelled else {
                        return (true, nil)
                    }
                    defer { state.waiter = continuation }
                    return (false, state.waiter)
                }
                // A stream has one reader: the last one.
                other?.resume(returning: nil)
                if isReady { continuation.resume(returning: state.withLock { Self.next(&$0) }) }
            }
        } onCancel: {
            finish()
        }
    }

    private static func next(_ state: inout State) -> Event? {
        guard let event = state.events.popFirst() else { return nil }
        state.weight -= event.weight
        return state.losses.removeValue(forKey: event.category).map(event.following) ?? event
    }
}
