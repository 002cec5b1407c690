#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// State behind a mutex that threads can wait on.
///
/// Used instead of `Synchronization.Mutex` throughout: that one has no condition, and Thread Sanitizer
/// does not see its lock on Linux, so that it reports every access as a race. `wait` blocks and is for
/// threads of our own only; `withLock` is for any thread, because nothing slow is done inside.
///
/// SAFETY (`@unchecked Sendable`): `state` is touched only while the mutex is held.
package final class ConditionMutex<State>: @unchecked Sendable {
    @usableFromInline
    let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline
    let condition: UnsafeMutablePointer<pthread_cond_t>
    // The mutex sees to it that accesses do not overlap.
    @exclusivity(unchecked) @usableFromInline
    var state: State

    @inlinable
    package init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        initialiseCondition(condition)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    @inlinable @inline(__always)
    package func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Changes the state and wakes every waiting thread.
    @inlinable
    package func signal<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        try withLock { state in
            defer { pthread_cond_broadcast(condition) }
            return try body(&state)
        }
    }

    /// Wakes every waiting thread.
    @inlinable
    package func wakeAll() { pthread_cond_broadcast(condition) }

    /// Blocks until `body` returns a value; it is asked again after every `signal`.
    @inlinable
    package func wait<Result>(for body: (inout State) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    /// Blocks until `body` returns a value, or for about `milliseconds`, by a clock that nobody sets.
    package func wait<Result>(
        milliseconds: Int, for body: (inout State) -> Result?
    ) -> Result? {
        let deadline = AdaptiveSpin.now + UInt64(min(max(milliseconds, 0), 1 << 40)) * 1_000_000
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            if waitForCondition(condition, mutex, until: deadline) { return body(&state) }
        }
    }
}
