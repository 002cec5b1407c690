/// Why a call has no result although Python did not raise: the payload of a `rejection` frame.
package struct Rejection: Error, Sendable, Equatable {
    package enum Reason: UInt64, Sendable {
        /// An argument or the result cannot cross; `place` says which.
        case conversion = 1
        /// The package is not installed in the server's environment.
        case packageNotInstalled = 2
        /// The call was cancelled before it began.
        case cancelled = 3
        /// The server is ending.
        case shutdown = 4
        /// The payload of the call is not what the protocol says.
        case malformed = 5
        /// A reason that this side does not know.
        case other = 0
    }

    package var reason: Reason
    package var message: String
    /// Where in the structure, as a user would write it: "argument 1['points']".
    package var place: String

    package init(_ reason: Reason, _ message: String, place: String = "") {
        self.reason = reason
        self.message = message
        self.place = place
    }

    package func write(to writer: borrowing CBORWriter) {
        writer.array(count: 3)
        writer.unsigned(reason.rawValue)
        writer.text(message)
        writer.text(place)
    }

    package func frame(callID: UInt64) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        write(to: writer)
        return writer.buffer.seal(kind: .rejection, callID: callID)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        try reader.array(count: 3)
        reason = Reason(rawValue: try reader.unsigned()) ?? .other
        message = try reader.text()
        place = try reader.text()
    }
}
