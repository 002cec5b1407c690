#if os(Linux)
    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// A clock that goes on every few milliseconds, and takes no time to read.
    package enum CoarseClock {
        /// In nanoseconds; only ever compared.
        package static var now: UInt64 {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        }
    }
#endif
