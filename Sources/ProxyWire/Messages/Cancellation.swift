/// How far to go in ending a call: the payload of a `cancel` frame, which may be empty.
package struct Cancellation: Sendable, Equatable {
    /// The server is killed if the call still runs after this time; nil: never.
    package var killMilliseconds: UInt64?

    package init(killMilliseconds: UInt64? = nil) {
        self.killMilliseconds = killMilliseconds
    }

    package func frame(callID: UInt64) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        if let killMilliseconds { writer.unsigned(killMilliseconds) }
        return writer.buffer.seal(kind: .cancel, callID: callID)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        killMilliseconds = reader.remaining == 0 ? nil : try reader.unsigned()
    }
}
