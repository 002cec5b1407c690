/// Lends memory that the peer sees, for long byte strings of frames that are being written.
///
/// Any thread may call it.
package protocol SegmentLender: AnyObject, Sendable {
    /// Byte strings of at least so many bytes are better off in a segment than in the frame.
    var threshold: Int { get }

    /// Lends a segment to be filled; nil if there is none, and the bytes must go into the frame.
    func lend(byteCount: Int) -> LentSegment?

    /// The frame that segments were lent to has been sent.
    func sent(_ segments: [LentSegment])

    /// Takes back segments that were lent to a frame that is not sent.
    func takeBack(_ segments: [LentSegment])
}

/// A segment of ours that the peer may use until it gives it back.
///
/// SAFETY (`@unchecked Sendable`): the memory belongs to the frame that it was lent to, which has one
/// owner at a time, and then to the peer.
package struct LentSegment: @unchecked Sendable {
    /// What the peer knows it by.
    package let number: UInt64
    package let start: UnsafeMutableRawPointer
    /// The length of the segment, which may be more than what was asked for.
    package let byteCount: Int
    /// Keeps the memory, whatever the peer says, while it is being filled.
    private let owner: AnyObject?

    package init(
        number: UInt64, start: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject? = nil
    ) {
        self.number = number
        self.byteCount = byteCount
        self.start = start
        self.owner = owner
    }
}
