/// A frame that has arrived whole.
package struct InboundFrame: Sendable {
    package let kind: FrameKind
    package let callID: UInt64
    /// The buffer; its `payload` is what was sent.
    package let buffer: FrameBuffer

    package init(kind: FrameKind, callID: UInt64, buffer: FrameBuffer) {
        self.kind = kind
        self.callID = callID
        self.buffer = buffer
    }

    /// Reads the payload with `body`; the whole of it must be consumed.
    package func read<Value>(
        limits: Limits, _ body: (inout CBORReader) throws -> Value
    ) throws -> Value {
        var reader = CBORReader(buffer.payload, maximumDepth: limits.depth)
        let value = try body(&reader)
        try reader.finish()
        // The reader points into the buffer, which must outlive it.
        return withExtendedLifetime(buffer) { value }
    }
}
