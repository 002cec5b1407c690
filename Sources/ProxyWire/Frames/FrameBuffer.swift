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
    private let limit: Int
    @exclusivity(unchecked)
    package private(set) var isOverflowing = false

    /// Creates a buffer with room for the header, which is written by `seal`.
    package init(capacity: Int = 256, limit: Int = .max - FrameHeader.length) {
        self.capacity = max(capacity, FrameHeader.length)
        self.limit = min(limit, .max - FrameHeader.length) + FrameHeader.length
        self.start = .allocate(byteCount: self.capacity, alignment: 16)
        self.count = FrameHeader.length
    }

    deinit { start.deallocate() }

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
        FrameHeader(kind: kind, callID: callID, payloadLength: count - FrameHeader.length)
            .write(to: start)
        return self
    }

    /// Drops the payload.
    package func reset() {
        count = FrameHeader.length
        isOverflowing = false
    }

    /// Makes room for `length` more bytes and returns where they go. They count as written.
    @inlinable
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
