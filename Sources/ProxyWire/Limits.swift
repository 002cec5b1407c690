/// The bounds that one side keeps against whatever the other side sends.
///
/// Every loop over a peer's bytes is bounded by one of these, and each is checked before memory is
/// allocated. The two sides tell each other their limits in the handshake.
package struct Limits: Sendable, Equatable {
    /// The longest payload of a frame, in bytes.
    package var frameLength: Int
    /// How deep values may nest. A flat list is at depth 1.
    package var depth: Int
    /// The longest segment of shared memory, in bytes; 0 for a side that does without.
    package var segmentLength: Int
    /// How many calls of one connection may be unanswered.
    package var unansweredCalls: Int
    /// How many bytes the unanswered calls of one connection may have together, segments included. A single
    /// call may have more.
    package var unansweredBytes: Int

    package init(
        frameLength: Int = 1 << 31, depth: Int = 256, segmentLength: Int = 1 << 40,
        unansweredCalls: Int = 4096, unansweredBytes: Int = 1 << 26
    ) {
        self.frameLength = frameLength
        self.depth = depth
        self.segmentLength = segmentLength
        self.unansweredCalls = unansweredCalls
        self.unansweredBytes = unansweredBytes
    }

    /// How many segments one side may have at a time.
    package static let segmentCount = 4096
    /// How many segments a frame may refer to.
    package static let loanCount = 1 << 16

    /// The longest payload before the handshake has succeeded, in bytes: enough for a hello.
    package static let handshakeLength = 1 << 16
}
