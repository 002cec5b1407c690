/// Something that has segments which may have to be given up when nothing happens for a while.
protocol SegmentUser: AnyObject, Sendable {
    /// A second or so has passed.
    ///
    /// - Parameter now: on the clock of `AdaptiveSpin.now`.
    /// - Returns: whether it has to be told again.
    func timePassed(now: UInt64) -> Bool
}

/// Gives up segments that are no longer used, so that the memory of a burst goes back to the system: those that
/// wait to be lent again, and those of the other side's that wait for a frame to go back with.
///
/// One thread serves all connections of the process. It starts with the first segment, and sleeps while nobody has
/// any.
final class IdleSegments: Sendable {
    static let shared = IdleSegments()

    private static let tickMilliseconds = 1000

    private struct WeakUser { weak var user: (any SegmentUser)? }

    private let users = ConditionMutex<[WeakUser]>([])
    private let thread = ThreadOnDemand()

    func watch(_ user: any SegmentUser) {
        users.signal { $0.append(WeakUser(user: user)) }
        // Without more threads the segments stay until the next one wants to be watched.
        try? thread.start { [self] in work() }
    }

    private func work() {
        while true {
            users.wait { $0.isEmpty ? nil : () }
            _ = users.wait(milliseconds: Self.tickMilliseconds) { _ in nil as Void? }
            let told = users.withLock { users in
                defer { users = [] }
                return users
            }
            let now = AdaptiveSpin.now
            let rest = told.filter { $0.user?.timePassed(now: now) == true }
            users.withLock { $0 += rest }
        }
    }
}
