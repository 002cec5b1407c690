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

    private struct State {
        var users: [WeakUser] = []
        var isStarted = false
    }

    private let state = ConditionMutex(State())

    func watch(_ user: any SegmentUser) {
        let mustStart = state.signal { state in
            state.users.append(WeakUser(user: user))
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard mustStart else { return }
        do throws(SystemError) { try NativeThread.start { [self] in work() } } catch {
            // No more threads: the next one that wants to be watched tries again.
            state.withLock { $0.isStarted = false }
        }
    }

    private func work() {
        while true {
            state.wait { $0.users.isEmpty ? nil : () }
            _ = state.wait(milliseconds: Self.tickMilliseconds) { _ in nil as Void? }
            let users = state.withLock { state in
                defer { state.users = [] }
                return state.users
            }
            let now = AdaptiveSpin.now
            let rest = users.filter { $0.user?.timePassed(now: now) == true }
            state.withLock { $0.users += rest }
        }
    }
}
