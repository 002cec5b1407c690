/// How far to go with a call that has been cancelled, or has exceeded its time, and does not end.
public enum Escalation: Sendable, Equatable {
    /// An exception is raised in the call; if it does not take note, it runs on, and its result is dropped.
    case none
    /// As ``none``; and if the call still runs after this time, its server is killed, with everything else
    /// that it does. The next call starts a new one.
    case kill(after: Duration)

    var killMilliseconds: UInt64? {
        switch self {
        case .none: nil
        case .kill(let time): UInt64(min(max(0, time / .milliseconds(1)), 1e12).rounded(.up))
        }
    }
}
