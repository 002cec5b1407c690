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
        /// A reason that this side does not know.
        case other = 0
    }

    package var reason: Reason
    package var message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    package func frame(_ kind: FrameKind) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        writer.array(count: 2)
        writer.unsigned(reason.rawValue)
        writer.text(message)
        return writer.buffer.seal(kind: kind, callID: 0)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        try reader.array(count: 2)
        reason = Reason(rawValue: try reader.unsigned()) ?? .other
        message = try reader.text()
    }
}
