import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A segment of shared memory, mapped into this process for as long as this object lives.
///
/// It has no name in any file system: nothing is left behind, however the processes end.
///
/// SAFETY (`@unchecked Sendable`): the address and length never change. Who may touch the bytes is the
/// business of those who share the object.
package final class SegmentMemory: @unchecked Sendable {
    package let bytes: UnsafeMutableRawBufferPointer
    /// Whether what is written here stays here.
    package let isPrivate: Bool
    /// For systems where dropping what was written here takes a new mapping.
    private let descriptor: PassedDescriptor?

    /// Creates memory of at least `length` bytes, all zero.
    ///
    /// - Returns: the memory, and the descriptor to pass on.
    package static func create(
        length: Int
    ) throws(SystemError) -> (memory: SegmentMemory, descriptor: PassedDescriptor) {
        let number = cplatform_create_segment(length)
        guard number >= 0 else { throw SystemError("creating a segment of \(length) bytes") }
        let descriptor = PassedDescriptor(Descriptor(owning: number))
        return (
            try SegmentMemory(mapping: number, length: length, isPrivate: false), descriptor
        )
    }

    /// Maps a segment that another process has created.
    ///
    /// - Parameter isPrivate: whether what is written here is to stay here.
    package init(
        mapping descriptor: Int32, length: Int, isPrivate: Bool
    ) throws(SystemError) {
        guard length > 0, cplatform_is_segment(descriptor, length) else {
            throw SystemError("a segment of \(length) bytes", errno: .invalidArgument)
        }
        let flags = isPrivate ? privateMappingFlags : MAP_SHARED
        guard
            let start = mmap(nil, length, PROT_READ | PROT_WRITE, flags, descriptor, 0),
            start != MAP_FAILED
        else { throw SystemError("mapping a segment of \(length) bytes") }
        self.bytes = UnsafeMutableRawBufferPointer(start: start, count: length)
        self.isPrivate = isPrivate
        self.descriptor = isPrivate ? descriptorToKeep(descriptor) : nil
    }

    deinit { munmap(bytes.baseAddress, bytes.count) }

    /// Shows what the other process has written in place of what was written here. For private memory that
    /// nobody uses.
    ///
    /// - Returns: whether that was possible; pages that are locked in memory stay.
    package func discardOwnWrites() -> Bool {
        !hasOwnWrites(bytes) || dropPages(bytes, of: descriptor)
    }
}
