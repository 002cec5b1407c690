/// Takes segments out of use that have waited for some seconds to be lent again, so that the memory of a burst
/// goes back to the system.
///
/// One thread serves all pools of the process. It starts with the first segment that comes back, and sleeps
/// while no pool has any.
final class SegmentReaper: Sendable {
    static let shared = SegmentReaper()

    /// A segment that was not used for this time, in nanoseconds, goes.
    private static let idleNanoseconds: UInt64 = 3_000_000_000
    private static let tickMilliseconds = 1000

    private struct WeakPool { weak var pool: SegmentPool? }

    private struct State {
        var pools: [WeakPool] = []
        var isStarted = false
    }

    private let state = ConditionMutex(State())

    func watch(_ pool: SegmentPool) {
        let mustStart = state.signal { state in
            state.pools.append(WeakPool(pool: pool))
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard mustStart else { return }
        do throws(SystemError) { try NativeThread.start { [self] in work() } } catch {
            // No more threads: the next pool that wants to be watched tries again.
            state.withLock { $0.isStarted = false }
        }
    }

    private func work() {
        while true {
            state.wait { $0.pools.isEmpty ? nil : () }
            _ = state.wait(milliseconds: Self.tickMilliseconds) { _ in nil as Void? }
            let pools = state.withLock { state in
                defer { state.pools = [] }
                return state.pools
            }
            let now = AdaptiveSpin.now
            let rest = pools.filter {
                $0.pool?.removeIdle(since: now - min(now, Self.idleNanoseconds)) == true
            }
            state.withLock { $0.pools += rest }
        }
    }
}
