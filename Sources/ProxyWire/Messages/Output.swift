/// Bytes written to standard output or standard error: the payload of an `output` frame.
///
/// The frame's call id is the call that wrote them, or 0 if that is unknown.
package struct Output: Sendable, Equatable {
    package enum Stream: UInt64, Sendable {
        case standardOutput = 1
        case standardError = 2
    }

    package var stream: Stream
    package var bytes: [UInt8]
    /// Bytes of this stream that were dropped before these, because the client did not read.
    package var dropped: Int

    package init(stream: Stream, bytes: [UInt8], dropped: Int = 0) {
        self.stream = stream
        self.bytes = bytes
        self.dropped = dropped
    }

    package static func frame(
        stream: Stream, bytes: UnsafeRawBufferPointer, dropped: Int, callID: UInt64
    ) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer(capacity: bytes.count + 64))
        writer.array(count: 3)
        writer.unsigned(stream.rawValue)
        writer.unsigned(UInt64(dropped))
        writer.bytes(bytes)
        return writer.buffer.seal(kind: .output, callID: callID)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        try reader.array(count: 3)
        let start = reader.offset
        guard let stream = Stream(rawValue: try reader.unsigned()) else {
            throw .malformed("not a stream", offset: start)
        }
        self.stream = stream
        // So many that adding up a few of them stays a number.
        dropped = Int(clamping: min(try reader.unsigned(), 1 << 48))
        let head = try reader.head()
        guard head.major == .bytes, !head.isIndefinite else {
            throw .malformed("\(head.noun) where bytes must stand", offset: start)
        }
        bytes = Array(try reader.content(of: head))
    }
}
