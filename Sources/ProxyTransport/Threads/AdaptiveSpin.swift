#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Decides whether to look for bytes for a moment before sleeping until they come.
///
/// Waking a sleeping thread takes longer than a short call. Where answers have lately come quickly, it
/// pays to look for a few dozen microseconds; where they have not, this never looks, and costs nothing.
package struct AdaptiveSpin: Sendable {
    /// The longest time to look, in nanoseconds.
    package static let duration: UInt64 = 50_000
    /// A wait this short would have been met by looking: the time to look, and that of a wake-up.
    private static let quick: UInt64 = 100_000

    /// Rises with quick waits, falls faster with slow ones.
    private var score = 0

    package init() {}

    package var isWorthwhile: Bool { score >= 2 }

    /// Takes note of how long a wait was, whichever way it was spent.
    package mutating func waited(nanoseconds: UInt64) {
        score = nanoseconds < Self.quick ? min(score + 1, 8) : max(score - 3, 0)
    }

    /// The time on a clock that only goes forward, in nanoseconds.
    package static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Calls `body` until it returns true, for `duration` at most.
    ///
    /// - Returns: whether it did.
    package static func look(_ body: () throws -> Bool) rethrows -> Bool {
        let end = now + duration
        repeat {
            // The clock costs about as much as a look; one in a few is enough.
            for _ in 0..<4 where try body() { return true }
        } while now < end
        return false
    }
}
