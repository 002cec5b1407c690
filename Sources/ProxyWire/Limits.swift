/// The bounds that one side keeps against whatever the other side sends.
///
/// Every loop over a peer's bytes is bounded by one of these, and each is checked before memory is
/// allocated. The two sides tell each other their limits in the handshake.
package struct Limits: Sendable, Equatable {
    /// The longest payload of a frame, in bytes.
    package var frameLength: Int
    /// How deep values may nest. A flat list is at depth 1.
    package var depth: Int

    package init(frameLength: Int = 1 << 31, depth: Int = 256) {
        self.frameLength = frameLength
        self.depth = depth
    }

    /// The longest payload before the handshake has succeeded, in bytes: enough for a hello.
    package static let handshakeLength = 1 << 16
}
