#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Memory that this process and every server that it is passed to see at the same time.
package final class SharedRegion: Sendable {
    /// Tells regions of this process apart, for as long as it lives.
    let identifier: UInt64
    package let memory: SegmentMemory
    let descriptor: PassedDescriptor

    private static let lastIdentifier = ConditionMutex<UInt64>(0)

    package init(length: Int) throws(SystemError) {
        // Whole pages, and an empty mapping does not exist.
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let (length, overflow) = max(length, 1).addingReportingOverflow(page - 1)
        guard !overflow else {
            throw SystemError("a segment of \(length) bytes", errno: .invalidArgument)
        }
        (memory, descriptor) = try SegmentMemory.create(length: length / page * page)
        identifier = Self.lastIdentifier.withLock { last in
            last += 1
            return last
        }
    }
}
