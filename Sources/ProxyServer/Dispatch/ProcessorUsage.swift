import ProxyTransport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many processors this process uses, on average between two looks.
struct ProcessorUsage {
    private var time = AdaptiveSpin.now
    private var used = Self.processorTime

    /// The use since the last look: 1 is one processor all of the time.
    mutating func load() -> Double {
        let (now, usedNow) = (AdaptiveSpin.now, Self.processorTime)
        defer { (time, used) = (now, usedNow) }
        guard now > time, usedNow >= used else { return 0 }
        return Double(usedNow - used) / Double(now - time)
    }

    /// Of all threads of the process, in nanoseconds.
    private static var processorTime: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
