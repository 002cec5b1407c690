import ProxyWire

/// The segments that this side of a connection lends to the other.
///
/// Making a segment costs several times what copying its content does, so those that come back are kept
/// and lent again. A segment is lent to one frame at a time, and filled only while it is not lent.
package final class SegmentPool: SegmentLender {
    /// Sends a frame, with a descriptor if there is one. False: the connection is closed.
    typealias Send = @Sendable (FrameBuffer, PassedDescriptor?) -> Bool

    private let sender: Sender
    private let longest: Int
    private let state = ConditionMutex(SegmentLedger())

    /// Where a round trip through shared memory begins to be faster than one through the socket; see
    /// the decision records.
    package let threshold = 1 << 14
    /// Segments that wait to be lent again hold no more than so many bytes together.
    private static let keptBytes = 1 << 28

    private struct Sender { let send: Send }

    /// - Parameters:
    ///   - longest: what the peer accepts, in bytes.
    init(longest: Int, send: @escaping Send) {
        self.longest = longest
        self.sender = Sender(send: send)
    }

    // MARK: Lending

    package func lend(byteCount: Int) -> LentSegment? {
        if let segment = state.withLock({ $0.takeFree(byteCount) }) { return segment }
        let length = Self.roundedUp(byteCount)
        guard length <= longest, state.withLock({ $0.count < Limits.segmentCount }),
            // Out of memory or descriptors: the bytes go into the frame.
            let (memory, descriptor) = try? SegmentMemory.create(length: length)
        else { return nil }
        let segment = SegmentLedger.Segment(memory: memory, loans: 1)
        return introduce(segment, descriptor, isShared: false)
    }

    /// Lends a region, whose bytes are not copied; nil if that is impossible.
    package func lend(_ region: SharedRegion) -> LentSegment? {
        let (known, gone) = state.withLock { state in
            (state.lendAgain(region), state.removeAbandonedRegions())
        }
        forget(gone)
        if let known { return known }
        guard region.memory.bytes.count <= longest else { return nil }
        let segment = SegmentLedger.Segment(
            memory: region.memory, loans: 1, region: region, isRegion: true, lentRegion: region)
        return introduce(segment, region.descriptor, isShared: true)
    }

    private func introduce(
        _ segment: SegmentLedger.Segment, _ descriptor: PassedDescriptor, isShared: Bool
    ) -> LentSegment? {
        let lent = state.withLock { $0.add(segment) }
        let introduction = SegmentIntroduction(
            number: lent.number, length: segment.memory.bytes.count, isShared: isShared)
        return sender.send(introduction.frame(), descriptor) ? lent : nil
    }

    // MARK: Taking back

    package func takeBack(_ segments: [LentSegment]) {
        for segment in segments { _ = returned(segment.number) }
    }

    /// The peer no longer uses a segment.
    ///
    /// - Returns: false if it was not lent.
    func returned(_ number: UInt64) -> Bool {
        let (wasLent, gone) = state.withLock { state in
            (state.takeBack(number), state.trim(to: Self.keptBytes))
        }
        forget(gone)
        return wasLent
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
