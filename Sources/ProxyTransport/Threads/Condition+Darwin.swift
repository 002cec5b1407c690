#if canImport(Darwin)
    import Darwin

    /// Prepares a condition. (Timed waits are relative: see `waitForCondition`.)
    @usableFromInline
    package func initialiseCondition(_ condition: UnsafeMutablePointer<pthread_cond_t>) {
        pthread_cond_init(condition, nil)
    }

    /// Waits for a signal.
    ///
    /// - Parameter deadline: on the clock of `AdaptiveSpin.now`, in nanoseconds.
    /// - Returns: true if the time is over.
    func waitForCondition(
        _ condition: UnsafeMutablePointer<pthread_cond_t>,
        _ mutex: UnsafeMutablePointer<pthread_mutex_t>, until deadline: UInt64
    ) -> Bool {
        let now = AdaptiveSpin.now
        guard now < deadline else { return true }
        var rest = timespec(
            tv_sec: Int((deadline - now) / 1_000_000_000),
            tv_nsec: Int((deadline - now) % 1_000_000_000))
        return pthread_cond_timedwait_relative_np(condition, mutex, &rest) == ETIMEDOUT
    }
#endif
