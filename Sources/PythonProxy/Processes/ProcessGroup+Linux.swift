#if os(Linux)
    import Foundation

    /// The processes that a server has started in its own session.
    enum ProcessGroup {
        private struct Member {
            let process: Int32
            let start: UInt64
        }

        /// When a process was started, in the kernel's ticks since the system was; nil if there is none.
        static func startTime(of process: Int32) -> UInt64? { statistics(process)?.start }

        /// Kills what is left of the group and session that a process has led.
        ///
        /// - Parameter start: of that process. The number of a group is not used again while it has members, so that
        ///   these are its own, unless a process that was started at another time leads them now.
        static func kill(ledBy process: Int32, startedAt start: UInt64) {
            let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            let members = numbers.compactMap { Int32($0) }.compactMap { number -> Member? in
                guard let found = statistics(number), found.group == process,
                    found.session == process
                else { return nil }
                return Member(process: number, start: found.start)
            }
            if let leader = members.first(where: { $0.process == process }), leader.start != start {
                return
            }
            if !members.isEmpty { _ = Foundation.kill(-process, SIGKILL) }
        }

        /// See the manual page proc_pid_stat(5).
        private static func statistics(
            _ process: Int32
        ) -> (group: Int32, session: Int32, start: UInt64)? {
            guard let file = FileHandle(forReadingAtPath: "/proc/\(process)/stat"),
                let bytes = try? file.readToEnd()
            else { return nil }
            // The name, in parentheses, may have anything in it.
            let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?
                .split(separator: " ")
            guard let fields, fields.count > 19, let group = Int32(fields[2]),
                let session = Int32(fields[3]), let start = UInt64(fields[19])
            else { return nil }
            return (group, session, start)
        }
    }
#endif
