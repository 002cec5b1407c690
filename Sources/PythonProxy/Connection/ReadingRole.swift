/// Who reads from the connection: a state machine without I/O, part of the state that the calls are in.
///
/// Exactly one party reads at a time. Usually it is the reading thread, asleep in the system until bytes
/// come. While calls are short, the thread rests and each caller reads its own answer.
///
/// | event | holder before | holder after |
/// |---|---|---|
/// | `rest`: the thread has read, and nobody waits | thread | nobody |
/// | `takeForCaller`: a caller looks for its answer | nobody | caller |
/// | `giveBack`: it has found it, or stops looking | caller | thread if anyone waits, otherwise nobody |
/// | `needed`: somebody waits who does not look | nobody | thread |
/// | `resume`: a tick of the resting thread | nobody | thread if there were no calls for a while |
struct ReadingRole {
    enum Holder {
        /// The reading thread.
        case thread
        /// The thread rests.
        case nobody
        /// A caller that looks for its answer.
        case caller
    }

    private(set) var holder = Holder.thread
    private var callsSinceTick = 0
    private var idleTicks = 0

    /// How often the resting thread looks whether it is needed, in milliseconds.
    static let tick = 5
    /// After so many ticks without a call the thread reads again.
    static let longestRest = 2

    /// A caller wants to read. False if someone else does.
    mutating func takeForCaller() -> Bool {
        guard holder == .nobody else { return false }
        holder = .caller
        callsSinceTick += 1
        return true
    }

    /// The caller that reads has finished, or gives up.
    ///
    /// - Returns: whether the thread must be woken.
    mutating func giveBack(isAwaited: Bool) -> Bool {
        guard holder == .caller else { return false }
        holder = isAwaited ? .thread : .nobody
        return isAwaited
    }

    /// Somebody waits for an answer without reading.
    ///
    /// - Returns: whether the thread must be woken.
    mutating func needed() -> Bool {
        guard holder == .nobody else { return false }
        holder = .thread
        return true
    }

    /// The thread wants to rest. False if it must read on, because someone waits.
    mutating func rest(isAwaited: Bool) -> Bool {
        guard holder == .thread, !isAwaited else { return false }
        holder = .nobody
        idleTicks = 0
        return true
    }

    /// A tick of the resting thread has passed. True if the thread reads from now on.
    ///
    /// - Parameter hasBytes: whether something has come that no call waits for.
    mutating func resume(hasBytes: Bool) -> Bool {
        if holder == .thread { return true }
        idleTicks = callsSinceTick > 0 ? 0 : idleTicks + 1
        callsSinceTick = 0
        guard holder == .nobody, hasBytes || idleTicks >= Self.longestRest else { return false }
        holder = .thread
        return true
    }
}
