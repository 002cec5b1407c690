#if canImport(Darwin)
    import Darwin

    extension ProcessSession {
        /// When a process was started, in microseconds since 1970; nil if there is none, or if it has ended and is
        /// not waited for.
        package static func startTime(of process: Int32) -> UInt64? {
            processes(KERN_PROC_PID, process).first?.start
        }

        /// The processes of a session, without those that have ended and are not waited for.
        static func members(of session: Int32) -> [Member] { processes(KERN_PROC_SESSION, session) }

        /// See the manual page sysctl(3).
        private static func processes(_ kind: Int32, _ number: Int32) -> [Member] {
            var name = [CTL_KERN, KERN_PROC, kind, number]
            var size = 0
            guard sysctl(&name, 4, nil, &size, nil, 0) == 0, size > 0 else { return [] }
            // Some more may have been started meanwhile.
            let capacity = size / MemoryLayout<kinfo_proc>.stride + 16
            var found = [kinfo_proc](repeating: kinfo_proc(), count: capacity)
            size = capacity * MemoryLayout<kinfo_proc>.stride
            guard sysctl(&name, 4, &found, &size, nil, 0) == 0 else { return [] }
            return found.prefix(size / MemoryLayout<kinfo_proc>.stride).compactMap { information in
                guard Int32(information.kp_proc.p_stat) != SZOMB else { return nil }
                let time = information.kp_proc.p_starttime
                return Member(
                    process: information.kp_proc.p_pid,
                    start: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_usec))
            }
        }
    }
#endif
