/// Names a segment that is given back or will not be used again.
package struct SegmentNumber: Sendable, Equatable {
    package let value: UInt64

    package init(_ value: UInt64) {
        self.value = value
    }

    package func frame(_ kind: FrameKind) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer(capacity: 64))
        writer.unsigned(value)
        return writer.buffer.seal(kind: kind, callID: 0)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        value = try reader.unsigned()
    }
}
