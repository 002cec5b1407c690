import ProxyTransport
import ProxyWire
import Synchronization

/// What the threads of the dispatcher do: a call of a client (`ServedCall`), or taking changed files over
/// (`ReloadTurn`).
///
/// SAFETY (`@unchecked Sendable`): `thread`, `number` and `start` are written by the thread that begins the work,
/// before `phase` says so, and read only after that.
class Work: SessionBound, @unchecked Sendable {
    /// Transitions: `waiting` becomes `running` or `cancelled`; `running` becomes `ended`.
    private enum Phase {
        static let waiting: UInt8 = 0
        static let cancelled: UInt8 = 1
        static let running: UInt8 = 2
        static let ended: UInt8 = 3
    }

    let key: CallKey
    private let phase = Atomic<UInt8>(Phase.waiting)
    private var thread: (any InterpreterThread)?
    /// By which the dispatcher knows the thread.
    private(set) var number = 0
    /// On the clock of `AdaptiveSpin.now`, in nanoseconds.
    private(set) var start: UInt64 = 0

    init(key: CallKey) { self.key = key }

    var sessionID: UInt64 { key.session }

    /// What is done, for people.
    var target: String { "?" }

    /// Does it, on a thread of the dispatcher, which knows that thread by its number.
    func perform(on thread: any InterpreterThread, number: Int) {}

    /// - Returns: false if the work has been cancelled before.
    final func begin(on thread: any InterpreterThread, number: Int) -> Bool {
        self.thread = thread
        self.number = number
        start = AdaptiveSpin.now
        return phase.compareExchange(
            expected: Phase.waiting, desired: Phase.running, ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// - Returns: false if it had ended before.
    final func end() -> Bool {
        phase.exchange(Phase.ended, ordering: .acquiringAndReleasing) != Phase.ended
    }

    var hasEnded: Bool { phase.load(ordering: .acquiring) == Phase.ended }

    /// The thread that runs it; nil if it has not begun, or has ended.
    final var runningThread: (any InterpreterThread)? {
        phase.load(ordering: .acquiring) == Phase.running ? thread : nil
    }

    /// Lets the work not begin.
    ///
    /// - Returns: false if it has begun.
    final func cancelEarly() -> Bool {
        phase.compareExchange(
            expected: Phase.waiting, desired: Phase.cancelled, ordering: .acquiringAndReleasing
        ).exchanged
    }
}
