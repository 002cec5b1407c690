/// Memory that this process and every server that it is passed to see at the same time.
package final class SharedRegion: Sendable {
    /// Tells regions of this process apart, for as long as it lives.
    let identifier: UInt64
    package let memory: SegmentMemory
    let descriptor: PassedDescriptor

    private static let lastIdentifier = ConditionMutex<UInt64>(0)

    package init(length: Int) throws(SystemError) {
        // An empty mapping does not exist.
        (memory, descriptor) = try SegmentMemory.create(length: max(length, 1))
        identifier = Self.lastIdentifier.withLock { last in
            last += 1
            return last
        }
    }
}
