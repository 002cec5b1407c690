import ProxyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The segments that this side of a connection lends to the other.
///
/// Making a segment costs several times what copying its content does, so those that come back are kept
/// and lent again. A segment is lent to one frame at a time, and filled only while it is not lent.
/// Those that nobody has wanted for some seconds go back to the system.
package final class SegmentPool: SegmentLender, SegmentUser {
    /// Sends a frame, with a descriptor if there is one. False: the connection is closed.
    typealias Send = @Sendable (FrameBuffer, PassedDescriptor?) -> Bool

    private let sender: Sender
    private let longest: Int
    private let unread: Unread?
    private let state = ConditionMutex(State())

    /// Where a round trip through shared memory begins to be faster than one through the socket; see
    /// the decision records.
    package let threshold = 1 << 14
    /// Segments that wait to be lent again hold no more than so many bytes together.
    private static let keptBytes = 1 << 28

    private struct State {
        var ledger = SegmentLedger()
        /// Whether this pool is told that time passes.
        var isWatched = false
    }

    private struct Sender { let send: Send }

    /// How much a peer that does not read may be lent, and how to find out whether it has read.
    struct Unread: Sendable {
        let limit: Int
        let isAllRead: @Sendable () -> Bool
    }

    /// - Parameters:
    ///   - longest: what the peer accepts, in bytes.
    ///   - unread: nil if somebody else sees to it that the peer reads.
    init(longest: Int, unread: Unread? = nil, send: @escaping Send) {
        self.unread = unread
        // Reserving more than there can be would end other processes before it fails.
        let memory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        self.longest = min(longest, memory / 2)
        self.sender = Sender(send: send)
    }

    // MARK: Lending

    package func lend(byteCount: Int) -> LentSegment? {
        // Bytes in the frame count as a backlog. What is too long for that is lent all the same.
        if let unread, byteCount <= unread.limit, isBehind(by: unread.limit - byteCount) {
            return nil
        }
        if let segment = state.withLock({ $0.ledger.takeFree(byteCount) }) { return segment }
        guard byteCount <= longest else { return nil }
        forgetAbandonedRegions()
        // Out of memory or descriptors: the bytes go into the frame.
        guard
            let (memory, descriptor) = try? SegmentMemory.create(
                length: Self.roundedUp(byteCount))
        else { return nil }
        return introduce(SegmentLedger.Segment(memory: memory), descriptor, isShared: false)
    }

    /// Whether the peer has more than `limit` bytes of segments still to receive.
    func isBehind(by limit: Int) -> Bool {
        guard let unread, state.withLock({ $0.ledger.unreadBytes }) > limit else { return false }
        if !unread.isAllRead() { return true }
        state.withLock { $0.ledger.allRead() }
        return false
    }

    /// Lends a region, whose bytes are not copied; nil if that is impossible.
    package func lend(_ region: SharedRegion) -> LentSegment? {
        if let known = state.withLock({ $0.ledger.lendAgain(region) }) { return known }
        guard region.memory.bytes.count <= longest else { return nil }
        forgetAbandonedRegions()
        let segment = SegmentLedger.Segment(
            memory: region.memory, region: region, isRegion: true, lentRegion: region)
        return introduce(segment, region.descriptor, isShared: true)
    }

    private func introduce(
        _ segment: SegmentLedger.Segment, _ descriptor: PassedDescriptor, isShared: Bool
    ) -> LentSegment? {
        guard let lent = state.withLock({ $0.ledger.add(segment) }) else { return nil }
        let introduction = SegmentIntroduction(
            number: lent.number, length: segment.memory.bytes.count, isShared: isShared)
        return sender.send(introduction.frame(), descriptor) ? lent : nil
    }

    package func sent(_ segments: [LentSegment]) {
        state.withLock { state in
            for segment in segments { state.ledger.sent(segment.number) }
        }
    }

    // MARK: Taking back

    package func takeBack(_ segments: [LentSegment]) {
        state.withLock { state in
            for segment in segments { state.ledger.withdrawn(segment.number) }
        }
    }

    /// The peer no longer uses a segment.
    ///
    /// - Parameter retiring: whether somebody else there still sees it.
    /// - Returns: false if it was not lent.
    func returned(_ number: UInt64, retiring: Bool = false) -> Bool {
        let (result, gone, mustBeWatched) = state.withLock { state in
            let result = state.ledger.takeBack(number, retiring: retiring, at: AdaptiveSpin.now)
            let gone = state.ledger.trim(to: Self.keptBytes)
            let mustBeWatched = !state.isWatched && state.ledger.hasFree
            if mustBeWatched { state.isWatched = true }
            return (result, gone, mustBeWatched)
        }
        if mustBeWatched { IdleSegments.shared.watch(self) }
        forget(result == .retired ? gone + [number] : gone)
        forgetAbandonedRegions()
        return result != .notLent
    }

    /// A segment that was not used for this time, in nanoseconds, goes.
    private static let idleNanoseconds: UInt64 = 3_000_000_000

    func timePassed(now: UInt64) -> Bool {
        let (gone, isWatched) = state.withLock { state in
            let gone = state.ledger.trim(freeSince: now - min(now, Self.idleNanoseconds))
            state.isWatched = state.ledger.hasFree
            return (gone, state.isWatched)
        }
        forget(gone)
        return isWatched
    }

    private func forgetAbandonedRegions() {
        forget(state.withLock { $0.ledger.removeAbandonedRegions() })
    }

    private func forget(_ numbers: [UInt64]) {
        for number in numbers {
            _ = sender.send(SegmentNumber(number).frame(.forget), nil)
        }
    }

    /// Lengths in steps of an eighth, so that arrays of nearly the same size share segments.
    static func roundedUp(_ byteCount: Int) -> Int {
        let page = 1 << 12
        let power = Int.bitWidth - 1 - byteCount.leadingZeroBitCount
        let step = max(page, 1 << max(power - 3, 0))
        return (byteCount + step - 1) / step * step
    }
}
