/// The growing bytes of one frame, header included, in one allocation that a single write can send.
///
/// A buffer never grows past its limit: it then drops what it held, so that memory stays bounded
/// whatever is being encoded, and says so in `isOverflowing`.
///
/// SAFETY (`@unchecked Sendable`): a buffer has one owner at a time. It is filled by the thread that
/// made it, then handed over whole and only read.
package final class FrameBuffer: @unchecked Sendable {
    // Unchecked, because the check that no two accesses overlap costs more than writing a number, and
    // no access here calls anything that could begin another.
    @exclusivity(unchecked) @usableFromInline
    package private(set) var start: UnsafeMutableRawPointer
    @exclusivity(unchecked) @usableFromInline
    package internal(set) var count: Int
    @exclusivity(unchecked) @usableFromInline
    var capacity: Int
    private var limit: Int
    @exclusivity(unchecked)
    package private(set) var isOverflowing = false
    package let lender: (any SegmentLender)?
    private var lent: [LentSegment] = []

    /// Creates a buffer with room for the header, which is written by `seal`.
    ///
    /// - Parameter lender: of the connection that the frame is for, if the peer takes segments.
    package init(
        capacity: Int = 256, limit: Int = .max - FrameHeader.length,
        lender: (any SegmentLender)? = nil
    ) {
        self.lender = lender
        self.capacity = max(capacity, FrameHeader.length)
        self.limit = min(limit, .max - FrameHeader.length) + FrameHeader.length
        self.start = .allocate(byteCount: self.capacity, alignment: 16)
        self.count = FrameHeader.length
    }

    /// Several sealed frames in one piece, to be sent by one write.
    package convenience init(joining frames: [FrameBuffer]) {
        let length = frames.reduce(0) { $0 + $1.count }
        self.init(capacity: length)
        count = 0
        for frame in frames {
            (start + count).copyMemory(from: frame.start, byteCount: frame.count)
            count += frame.count
        }
    }

    deinit {
        takeBackSegments()
        start.deallocate()
    }

    /// The bytes after the header.
    package var payload: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: start + FrameHeader.length, count: count - FrameHeader.length)
    }

    /// All bytes, for sending.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Writes the header. The buffer is complete afterwards.
    @discardableResult
    package func seal(kind: FrameKind, callID: UInt64) -> FrameBuffer {
        // Room for the table was set aside when the segments were lent.
        limit += lent.count * FrameHeader.loanLength
        for segment in lent {
            extend(by: FrameHeader.loanLength)
                .storeBytes(of: segment.number.bigEndian, as: UInt64.self)
        }
        FrameHeader(
            kind: kind, callID: callID, payloadLength: count - FrameHeader.length,
            loanCount: lent.count
        ).write(to: start)
        return self
    }

    /// Gives a sealed frame another call id.
    package func renumber(_ callID: UInt64) {
        start.storeBytes(
            of: callID.bigEndian, toByteOffset: FrameHeader.callIDOffset, as: UInt64.self)
    }

    /// Writes over two bytes that have been written, counted from the start of the frame.
    package func patch(at position: Int, _ first: UInt8, _ second: UInt8) {
        precondition(position >= FrameHeader.length && position <= count - 2)
        start.storeBytes(of: first, toByteOffset: position, as: UInt8.self)
        start.storeBytes(of: second, toByteOffset: position + 1, as: UInt8.self)
    }

    /// How many bytes of segments the frame refers to.
    package private(set) var lentBytes = 0

    /// The segments now belong to the peer, which gives them back.
    package func wasSent() {
        guard !lent.isEmpty else { return }
        lender?.sent(lent)
        lent = []
        lentBytes = 0
    }

    /// Whether `length` more bytes fit. If not, the buffer is overflowing from now on.
    func hasRoom(for length: Int) -> Bool {
        if length <= limit - count { return true }
        isOverflowing = true
        count = FrameHeader.length
        return false
    }

    /// Lends a segment for `byteCount` bytes and returns its position in the table.
    ///
    /// - Returns: nil if the bytes are too few for that, or if they must go into the frame for another
    ///   reason.
    func lend(byteCount: Int) -> (position: Int, start: UnsafeMutableRawPointer)? {
        guard let lender, byteCount >= lender.threshold, lent.count < Limits.loanCount,
            limit - count >= FrameHeader.loanLength,
            let segment = lender.lend(byteCount: byteCount)
        else { return nil }
        return (append(segment), segment.start)
    }

    /// How many segments the table has.
    package var loanCount: Int { lent.count }

    /// Adds a segment to the table, which is taken back if the frame is not sent.
    package func append(_ segment: LentSegment) -> Int {
        lent.append(segment)
        lentBytes += segment.byteCount
        // Room for the number of the segment, which `seal` writes.
        if limit - count < FrameHeader.loanLength {
            isOverflowing = true
            count = FrameHeader.length
        }
        limit -= FrameHeader.loanLength
        capacity = min(capacity, limit)
        return lent.count - 1
    }

    /// Takes back the segments after the first `count`.
    private func takeBackSegments(after count: Int = 0) {
        guard let lender, lent.count > count else { return }
        let taken = Array(lent[count...])
        lender.takeBack(taken)
        lent.removeLast(taken.count)
        lentBytes -= taken.reduce(0) { $0 + $1.byteCount }
    }

    /// Drops what has been written since the payload was so long, header included, and had so many segments.
    package func truncate(to length: Int, loanCount: Int) {
        limit += (lent.count - loanCount) * FrameHeader.loanLength
        takeBackSegments(after: loanCount)
        count = max(min(count, length), FrameHeader.length)
    }

    /// Drops the payload. The buffer has not been sealed.
    package func reset() {
        truncate(to: FrameHeader.length, loanCount: 0)
        isOverflowing = false
    }

    /// Makes room for `length` more bytes and returns where they go. They count as written.
    @inlinable @discardableResult
    package func extend(by length: Int) -> UnsafeMutableRawPointer {
        if length > capacity - count { grow(by: length) }
        let position = start + count
        count += length
        return position
    }

    @inline(never) @usableFromInline
    func grow(by length: Int) {
        if length > limit - count {
            isOverflowing = true
            count = FrameHeader.length
            if length <= capacity - count { return }
        }
        // Twice as much each time, up to the limit in one last step: growing by little would copy all
        // bytes again and again.
        let doubled = capacity > limit / 2 ? limit : capacity * 2
        let newCapacity = max(count + length, doubled)
        let grown = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 16)
        grown.copyMemory(from: start, byteCount: count)
        start.deallocate()
        start = grown
        capacity = newCapacity
    }
}
