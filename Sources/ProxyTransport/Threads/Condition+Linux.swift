#if os(Linux)
    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// Prepares a condition whose timed waits are by the clock of `AdaptiveSpin.now`. (POSIX's default is the
    /// time of day: somebody who sets it back would make a wait of a millisecond one of hours.)
    @usableFromInline
    package func initialiseCondition(_ condition: UnsafeMutablePointer<pthread_cond_t>) {
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    /// Waits for a signal.
    ///
    /// - Parameter deadline: on the clock of `AdaptiveSpin.now`, in nanoseconds.
    /// - Returns: true if the time is over.
    func waitForCondition(
        _ condition: UnsafeMutablePointer<pthread_cond_t>,
        _ mutex: UnsafeMutablePointer<pthread_mutex_t>, until deadline: UInt64
    ) -> Bool {
        var time = timespec(
            tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &time) == ETIMEDOUT
    }
#endif
