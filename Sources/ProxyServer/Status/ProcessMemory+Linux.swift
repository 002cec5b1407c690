#if os(Linux)
    import ProxyTransport

    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// How much memory this process has.
    enum ProcessMemory {
        /// Resident memory in bytes: the second number of `/proc/self/statm` (proc(5)), in pages.
        static var resident: UInt64 {
            do {
                let file = try Descriptor(opening: "/proc/self/statm", flags: O_RDONLY)
                var bytes = [UInt8](repeating: 0, count: 128)
                let count = read(file.number, &bytes, bytes.count)
                let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
                let pages = text.split(separator: " ").dropFirst().first.flatMap { UInt64($0) }
                return (pages ?? 0) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
            } catch {
                return 0
            }
        }
    }
#endif
