/// Who reads from the connection: a state machine without I/O.
///
/// Exactly one party reads at a time. Usually it is the reading thread, asleep in the system until bytes
/// come. While calls are short, the thread rests and each caller reads its own answer.
struct ReadingRole {
    private enum Holder {
        /// The reading thread. Becomes `nobody` when it rests.
        case thread
        /// The thread rests. Becomes `caller` with the next call, or `thread` after a while without one.
        case nobody
        /// A caller that looks for its answer. Becomes `nobody`, or `thread` if others wait, too.
        case caller
    }

    private var holder = Holder.thread
    private var callsSinceTick = 0

    /// How often the resting thread looks whether it is needed, in milliseconds.
    static let tick = 2
    /// After so many ticks without a call the thread reads again.
    static let idleTicks = 5

    var isThreads: Bool { holder == .thread }

    /// A caller wants to read. False if someone else does.
    mutating func takeForCaller() -> Bool {
        guard holder == .nobody else { return false }
        holder = .caller
        callsSinceTick += 1
        return true
    }

    /// A caller has finished reading, or gives up.
    mutating func giveBack(isAwaited: Bool) {
        guard holder == .caller else { return }
        holder = isAwaited ? .thread : .nobody
    }

    /// The thread wants to rest. False if it must read on, because someone waits.
    mutating func rest(isAwaited: Bool) -> Bool {
        guard holder == .thread, !isAwaited else { return false }
        holder = .nobody
        return true
    }

    /// A tick of the resting thread has passed. True if the thread reads from now on.
    mutating func resume(isIdle: Bool, idleTicks: inout Int) -> Bool {
        if holder == .thread { return true }
        let wasUsed = callsSinceTick > 0
        callsSinceTick = 0
        if wasUsed { idleTicks = 0 }
        guard holder == .nobody, isIdle, !wasUsed else { return false }
        holder = .thread
        return true
    }
}
