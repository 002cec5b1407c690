/// Tells the peer of a new segment, whose descriptor comes with the frame.
package struct SegmentIntroduction: Sendable, Equatable {
    /// Chosen by the side that makes the segment; each once on a connection.
    package var number: UInt64
    /// In bytes.
    package var length: Int
    /// Whether both sides are to see what the other one writes. Otherwise what the receiver writes is its
    /// own.
    package var isShared: Bool

    package init(number: UInt64, length: Int, isShared: Bool) {
        self.number = number
        self.length = length
        self.isShared = isShared
    }

    package func frame() -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer(capacity: 64))
        writer.array(count: 3)
        writer.unsigned(number)
        writer.unsigned(UInt64(length))
        writer.boolean(isShared)
        return writer.buffer.seal(kind: .segment, callID: 0)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        try reader.array(count: 3)
        number = try reader.unsigned()
        length = Int(clamping: try reader.unsigned())
        isShared = try reader.boolean()
    }
}
