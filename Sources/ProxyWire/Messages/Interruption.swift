/// Which running calls to interrupt: the payload of an `interrupt` frame. The reply's is their number.
package struct Interruption: Sendable, Equatable {
    /// Nil: all calls.
    package var call: CallKey?

    package init(call: CallKey?) {
        self.call = call
    }

    package func frame() -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        writer.array(count: 2)
        writer.unsigned(call?.session ?? 0)
        writer.unsigned(call?.call ?? 0)
        return writer.buffer
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        try reader.array(count: 2)
        let key = CallKey(session: try reader.unsigned(), call: try reader.unsigned())
        call = key.rawValue == 0 ? nil : key
    }
}
