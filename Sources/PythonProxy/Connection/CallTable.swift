import ProxyWire

/// The calls that wait for an answer: a state machine without I/O.
///
/// `Waiter` is whatever stands for the waiting code.
struct CallTable<Waiter> {
    private struct Waiting {
        var waiter: Waiter
        var output = OutputTail()
    }

    /// Transitions: `open` becomes `closed`, for good.
    private enum State {
        case open
        case closed(ProxyError)
    }

    enum Registration {
        case registered
        /// The call was cancelled before it was registered.
        case cancelled
        case refused(ProxyError)
    }

    private var state = State.open
    private var lastID: UInt64 = 0
    private var waiting: [UInt64: Waiting] = [:]
    private var cancelledEarly: Set<UInt64> = []
    /// Calls that nobody waits for any more, but that the server has not answered.
    private var abandoned: Set<UInt64> = []

    /// Whether calls are accepted.
    var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    /// Why the connection has ended, if it has.
    var closingError: ProxyError? {
        if case .closed(let error) = state { error } else { nil }
    }

    /// Whether anyone waits for an answer.
    var isAwaited: Bool { !waiting.isEmpty }

    mutating func newID() -> UInt64 {
        lastID += 1
        return lastID
    }

    mutating func register(_ id: UInt64, _ waiter: Waiter) -> Registration {
        if cancelledEarly.remove(id) != nil { return .cancelled }
        if case .closed(let error) = state { return .refused(error) }
        waiting[id] = Waiting(waiter: waiter)
        return .registered
    }

    /// Someone else waits for the same answer from now on. What was printed stays.
    mutating func replace(_ id: UInt64, _ waiter: Waiter) -> Registration {
        if case .closed(let error) = state { return .refused(error) }
        guard waiting[id] != nil else { return .cancelled }
        waiting[id]?.waiter = waiter
        return .registered
    }

    /// The answer has come. What the call printed is returned with its waiter.
    mutating func answered(_ id: UInt64) -> (waiter: Waiter, output: OutputTail)? {
        guard let found = waiting.removeValue(forKey: id) else {
            abandoned.remove(id)
            return nil
        }
        return (found.waiter, found.output)
    }

    func isAbandoned(_ id: UInt64) -> Bool { !abandoned.isEmpty && abandoned.contains(id) }

    /// Whether the server has answered all calls, also those that nobody waits for any more.
    var isSettled: Bool { waiting.isEmpty && abandoned.isEmpty }

    /// The answer is no longer wanted. Nil if it has come already, or if nobody waits yet.
    mutating func cancelled(_ id: UInt64) -> Waiter? {
        if let waiting = waiting.removeValue(forKey: id) {
            abandoned.insert(id)
            return waiting.waiter
        }
        cancelledEarly.insert(id)
        return nil
    }

    /// The call is over, however it ended.
    mutating func forget(_ id: UInt64) {
        if !cancelledEarly.isEmpty { cancelledEarly.remove(id) }
    }

    mutating func printed(_ bytes: [UInt8], by id: UInt64) {
        waiting[id]?.output.append(bytes)
    }

    /// The connection has ended. Returns everyone who waits.
    mutating func close(_ error: ProxyError) -> [Waiter] {
        guard case .open = state else { return [] }
        state = .closed(error)
        defer {
            waiting = [:]
            abandoned = []
        }
        return waiting.values.map(\.waiter)
    }
}
