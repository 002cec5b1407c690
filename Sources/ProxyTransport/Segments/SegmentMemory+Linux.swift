#if os(Linux)
    #if canImport(Glibc)
        import Glibc
    #else
        import Musl
    #endif

    /// For fewer bytes than these dropping their pages is quicker than asking whether that is needed.
    private let worthAsking = 1 << 17

    /// The pages are there already: no swap need be set aside for them.
    let privateMappingFlags = MAP_PRIVATE | MAP_NORESERVE

    /// Whether a page of a private mapping is no longer that of the file: somebody has written to it.
    ///
    /// Asking costs a fifth of dropping the pages and reading them again, where there are many. Source: the
    /// kernel's Documentation/admin-guide/mm/pagemap.rst (bit 63: present, 62: swapped, 61: page of a file).
    func hasOwnWrites(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        if bytes.count <= worthAsking { return true }
        let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard let start = bytes.baseAddress,
            let pagemap = try? Descriptor(opening: "/proc/self/pagemap", flags: O_RDONLY)
        else { return true }
        var page = Int(bitPattern: start) / pageSize
        var rest = (bytes.count + pageSize - 1) / pageSize
        var entries = [UInt64](repeating: 0, count: min(rest, 4096))
        while rest > 0 {
            let wanted = min(rest, entries.count)
            let count =
                retryingInterruptions {
                    pread(pagemap.number, &entries, wanted * 8, off_t(page * 8))
                } ?? 0
            guard count == wanted * 8 else { return true }
            for entry in entries.prefix(wanted) {
                let isPresent = entry >> 63 == 1
                let isSwapped = entry >> 62 & 1 == 1
                let isOfFile = entry >> 61 & 1 == 1
                if isSwapped || isPresent && !isOfFile { return true }
            }
            page += wanted
            rest -= wanted
        }
        return false
    }

    /// A mapping needs none.
    func descriptorToKeep(_ descriptor: Int32) -> PassedDescriptor? { nil }

    func dropPages(_ bytes: UnsafeMutableRawBufferPointer, of descriptor: PassedDescriptor?) -> Bool
    {
        madvise(bytes.baseAddress, bytes.count, MADV_DONTNEED) == 0
    }
#endif
