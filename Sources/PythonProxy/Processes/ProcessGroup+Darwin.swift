#if canImport(Darwin)
    import Darwin

    /// The processes that a server has started in its own session.
    enum ProcessGroup {
        /// When a process was started, in microseconds since 1970; nil if there is none.
        static func startTime(of process: Int32) -> UInt64? {
            var name = [CTL_KERN, KERN_PROC, KERN_PROC_PID, process]
            var information = kinfo_proc()
            var size = MemoryLayout<kinfo_proc>.size
            guard sysctl(&name, 4, &information, &size, nil, 0) == 0, size > 0 else { return nil }
            let time = information.kp_proc.p_starttime
            return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_usec)
        }

        /// Kills what is left of the group and session that a process has led.
        ///
        /// - Parameter start: of that process. The number of a group is not used again while it has members, so that
        ///   these are its own, unless a process that was started at another time leads them now.
        static func kill(ledBy process: Int32, startedAt start: UInt64) {
            if let current = startTime(of: process), current != start { return }
            _ = Darwin.kill(-process, SIGKILL)
        }
    }
#endif
