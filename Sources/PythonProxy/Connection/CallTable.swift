import DequeModule
import ProxyWire

/// The calls of a connection: those that wait for room, and those that wait for an answer. A state machine
/// without I/O.
///
/// `Waiter` is whatever stands for the waiting code. A call is *admitted*, then *registered*, which gives it its
/// id, and is *in flight* until the server has answered it, whether somebody still wants the answer or not.
struct CallTable<Waiter> {
    private struct Waiting {
        var waiter: Waiter
        let call: CallDetails
        let isSent: Bool
        var output = OutputTail()
    }

    private struct WaitingForRoom {
        let ticket: UInt64
        let waiter: Waiter
    }

    /// Transitions: `open` becomes `closed`, for good.
    private enum State {
        case open
        case closed(ProxyError)
    }

    enum Admission {
        case admitted
        case full
        case refused(ProxyError)
    }

    enum Registration {
        case registered(id: UInt64)
        case refused(ProxyError)
    }

    private var state = State.open
    private var lastID: UInt64 = 0
    private var waiting: [UInt64: Waiting] = [:]
    /// Calls that nobody waits for any more, but that the server has not answered.
    private var abandoned: [UInt64: CallDetails] = [:]
    /// Callers at the end of a block, which wait for the last call of its context.
    private var waitingForContexts: [(context: UInt64, waiter: Waiter)] = []
    private var waitingForRoom: Deque<WaitingForRoom> = []
    private var lastTicket: UInt64 = 0
    /// Calls that have been admitted and not registered.
    private var admitted = 0
    private var bytesInFlight = 0
    /// What a call that has been admitted, and is being written, is taken to be long: as long as those before.
    private var typicalBytes = 0
    private let maximumCalls: Int
    private let maximumBytes: Int

    /// - Parameter limits: what the server accepts. It stops reading beyond them; this side keeps to half, so
    ///   that cancellations and pings are read at once.
    init(limits: Limits = Limits()) {
        maximumCalls = max(limits.unansweredCalls / 2, 1)
        maximumBytes = max(limits.unansweredBytes / 2, 1)
    }

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

    /// Whether the server has answered all calls, also those that nobody waits for any more.
    var isSettled: Bool { waiting.isEmpty && abandoned.isEmpty }

    // MARK: Room

    private var hasRoom: Bool {
        let calls = waiting.count + abandoned.count + admitted
        return calls == 0
            || calls < maximumCalls && bytesInFlight + admitted * typicalBytes < maximumBytes
    }

    /// Asks whether a call may be made now.
    mutating func admit() -> Admission {
        if case .closed(let error) = state { return .refused(error) }
        guard waitingForRoom.isEmpty, hasRoom else { return .full }
        admitted += 1
        return .admitted
    }

    /// Waits until there is room for a call, which is then admitted.
    ///
    /// - Returns: a ticket to leave the queue with; nil if there is room, or the connection has ended.
    mutating func waitForRoom(_ waiter: Waiter) -> UInt64? {
        guard isOpen, !(waitingForRoom.isEmpty && hasRoom) else { return nil }
        lastTicket += 1
        waitingForRoom.append(WaitingForRoom(ticket: lastTicket, waiter: waiter))
        return lastTicket
    }

    /// Nil if the call has been admitted meanwhile.
    mutating func leaveQueue(_ ticket: UInt64) -> Waiter? {
        guard let index = waitingForRoom.firstIndex(where: { $0.ticket == ticket }) else {
            return nil
        }
        return waitingForRoom.remove(at: index).waiter
    }

    /// An admitted call is not made after all.
    mutating func withdrawAdmitted() { admitted -= 1 }

    /// Admits those who wait and for whom there is room now.
    mutating func admitWaiting() -> [Waiter] {
        guard !waitingForRoom.isEmpty else { return [] }
        var admittedNow: [Waiter] = []
        while hasRoom, let first = waitingForRoom.popFirst() {
            admitted += 1
            admittedNow.append(first.waiter)
        }
        return admittedNow
    }

    // MARK: Answers

    /// Gives the next id to a request that is about to be sent.
    ///
    /// - Parameters:
    ///   - call: that has been admitted; nil for what needs no room.
    ///   - isSent: false if the request cannot be sent, and just waits for the reason.
    mutating func register(
        _ waiter: Waiter, _ call: CallDetails? = nil, isSent: Bool = true
    ) -> Registration {
        if call != nil { admitted -= 1 }
        if case .closed(let error) = state { return .refused(error) }
        lastID += 1
        waiting[lastID] = Waiting(
            waiter: waiter, call: call ?? CallDetails(byteCount: 0), isSent: isSent)
        if let call {
            bytesInFlight += call.byteCount
            typicalBytes = max(call.byteCount, typicalBytes / 2)
        }
        return .registered(id: lastID)
    }

    /// Someone else waits for the same answer from now on. What was printed stays.
    ///
    /// - Returns: nil, or why the connection has ended.
    mutating func replace(_ id: UInt64, _ waiter: Waiter) -> ProxyError? {
        if case .closed(let error) = state { return error }
        waiting[id]?.waiter = waiter
        return nil
    }

    /// The answer has come. What the call printed is returned with its waiter.
    mutating func answered(_ id: UInt64) -> (waiter: Waiter, output: OutputTail)? {
        guard let found = waiting.removeValue(forKey: id) else {
            bytesInFlight -= abandoned.removeValue(forKey: id)?.byteCount ?? 0
            return nil
        }
        bytesInFlight -= found.call.byteCount
        return (found.waiter, found.output)
    }

    /// The answer is no longer wanted. Nil if it has come already.
    mutating func cancelled(_ id: UInt64) -> Waiter? {
        guard let found = waiting.removeValue(forKey: id) else { return nil }
        abandoned[id] = found.call
        return found.waiter
    }

    /// - Returns: who gets what this call prints, if anyone.
    @discardableResult
    mutating func printed(_ bytes: [UInt8], by id: UInt64) -> OutputListener? {
        waiting[id]?.output.append(bytes)
        return waiting[id]?.call.listener ?? abandoned[id]?.listener
    }

    // MARK: Contexts

    /// Waits until the server has answered the calls of a context, also those that were given up.
    ///
    /// - Returns: false if it has, or the connection has ended.
    mutating func waitForCalls(in context: UInt64, _ waiter: Waiter) -> Bool {
        guard hasCalls(in: context) else { return false }
        waitingForContexts.append((context, waiter))
        return true
    }

    /// Those who have waited for the calls of a context, all of which have been answered.
    mutating func takeWaitersForContexts() -> [Waiter] {
        guard !waitingForContexts.isEmpty else { return [] }
        let ready = waitingForContexts.filter { !hasCalls(in: $0.context) }
        guard !ready.isEmpty else { return [] }
        let contexts = Set(ready.map(\.context))
        waitingForContexts.removeAll { contexts.contains($0.context) }
        return ready.map(\.waiter)
    }

    /// Whether there are calls of a context that the server has not answered.
    func hasCalls(in context: UInt64) -> Bool {
        waiting.values.contains { $0.call.context == context }
            || abandoned.values.contains { $0.context == context }
    }

    // MARK: The end

    /// Everyone who waits when the connection ends.
    struct Remaining {
        /// Whose requests the server has, or may have.
        var received: [Waiter] = []
        /// Whose requests it does not have.
        var notReceived: [Waiter] = []
    }

    /// The connection has ended.
    ///
    /// - Parameter lastReceived: the last call that the server has received, if it says so.
    mutating func close(_ error: ProxyError, lastReceived: UInt64?) -> Remaining {
        guard case .open = state else { return Remaining() }
        state = .closed(error)
        var remaining = Remaining(notReceived: waitingForRoom.map(\.waiter))
        for (id, call) in waiting {
            if !call.isSent || id > lastReceived ?? .max {
                remaining.notReceived.append(call.waiter)
            } else {
                remaining.received.append(call.waiter)
            }
        }
        remaining.received += waitingForContexts.map(\.waiter)
        waiting = [:]
        abandoned = [:]
        waitingForRoom = []
        waitingForContexts = []
        return remaining
    }
}
