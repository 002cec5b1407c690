#if os(Linux)
    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    extension ProcessSession {
        /// When a process was started, in the kernel's ticks since the system was; nil if there is none, or if it has
        /// ended and is not waited for.
        package static func startTime(of process: Int32) -> UInt64? {
            statistics(process).flatMap { $0.hasEnded ? nil : $0.start }
        }

        /// The processes of a session, without those that have ended and are not waited for.
        static func members(of session: Int32) -> [Member] {
            guard let folder = opendir("/proc") else { return [] }
            defer { closedir(folder) }
            var members: [Member] = []
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard let number = Int32(name), let found = statistics(number),
                    found.session == session, !found.hasEnded
                else { continue }
                members.append(Member(process: number, start: found.start))
            }
            return members
        }

        private struct Statistics {
            let hasEnded: Bool
            let session: Int32
            let start: UInt64
        }

        /// See the manual page proc_pid_stat(5).
        private static func statistics(_ process: Int32) -> Statistics? {
            guard
                let file = try? Descriptor(opening: "/proc/\(process)/stat", flags: O_RDONLY)
            else { return nil }
            var bytes = [UInt8](repeating: 0, count: 1024)
            let count = read(file.number, &bytes, bytes.count)
            // The name, in parentheses, may have anything in it.
            let fields = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
                .split(separator: ")").last?.split(separator: " ")
            guard let fields, fields.count > 19, let session = Int32(fields[3]),
                let start = UInt64(fields[19])
            else { return nil }
            return Statistics(hasEnded: fields[0] == "Z", session: session, start: start)
        }
    }
#endif
