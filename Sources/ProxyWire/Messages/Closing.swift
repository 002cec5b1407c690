/// Why a connection ends: the payload of `refusal` and `goodbye` frames.
package struct Closing: Sendable, Equatable {
    package enum Reason: UInt64, Sendable {
        /// What the peer sent is not the protocol.
        case protocolViolation = 1
        /// The versions of the protocol differ.
        case version = 2
        /// The server is not the one that the client means.
        case identity = 3
        /// The server ends.
        case shutdown = 4
        /// The client does not know the server's token.
        case token = 5
        /// This side is out of descriptors or memory.
        case outOfResources = 6
        /// A reason that this side does not know.
        case other = 0
    }

    package var reason: Reason
    package var message: String
    /// The last call that the server has received; it does not know those with higher ids. Nil if it does not
    /// say.
    package var lastCall: UInt64?

    package init(_ reason: Reason, _ message: String, lastCall: UInt64? = nil) {
        self.reason = reason
        self.message = message
        self.lastCall = lastCall
    }

    package func frame(_ kind: FrameKind) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        writer.array(count: lastCall == nil ? 2 : 3)
        writer.unsigned(reason.rawValue)
        writer.text(message)
        if let lastCall { writer.unsigned(lastCall) }
        return writer.buffer.seal(kind: kind, callID: 0)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        let count = try reader.array(counts: 2...3)
        reason = Reason(rawValue: try reader.unsigned()) ?? .other
        message = try reader.text()
        lastCall = count == 3 ? try reader.unsigned() : nil
    }
}
