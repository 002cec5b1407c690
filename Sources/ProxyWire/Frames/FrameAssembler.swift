/// Cuts a stream of bytes into frames.
///
/// A pure state machine: it says where the next bytes belong and how many at most, and yields frames
/// as they become complete. Small frames are copied out of the staging area; a frame larger than it
/// is received straight into its own buffer.
package struct FrameAssembler: ~Copyable {
    private static let stagingLength = 1 << 16
    /// Memory is taken as bytes come: a header alone, which may announce gigabytes, takes this much at most.
    private static let firstLength = 1 << 22

    private let staging: UnsafeMutableRawPointer
    private var stagedStart = 0
    private var stagedEnd = 0
    private var partial: Partial?
    /// The longest payload that is accepted; raised after the handshake.
    package var limit: Int

    private struct Partial {
        let header: FrameHeader
        let buffer: FrameBuffer
        var received: Int
        var missing: Int { header.payloadLength - received }

        /// Where the next bytes of the payload go.
        func space() -> UnsafeMutableRawBufferPointer {
            if buffer.payload.count == received {
                buffer.extend(by: min(missing, max(received, FrameAssembler.firstLength)))
            }
            return UnsafeMutableRawBufferPointer(
                start: buffer.start + FrameHeader.length + received,
                count: buffer.payload.count - received)
        }
    }

    package init(limit: Int) {
        self.limit = limit
        self.staging = .allocate(byteCount: Self.stagingLength, alignment: 16)
    }

    deinit { staging.deallocate() }

    /// Where the next bytes go. Never empty.
    package mutating func space() -> UnsafeMutableRawBufferPointer {
        if let partial { return partial.space() }
        if stagedStart == stagedEnd {
            stagedStart = 0
            stagedEnd = 0
        } else if stagedStart > 0 {
            staging.copyMemory(from: staging + stagedStart, byteCount: stagedEnd - stagedStart)
            stagedEnd -= stagedStart
            stagedStart = 0
        }
        return UnsafeMutableRawBufferPointer(
            start: staging + stagedEnd, count: Self.stagingLength - stagedEnd)
    }

    /// Takes note that `count` bytes were put into `space()`.
    package mutating func received(_ count: Int) {
        if partial != nil {
            partial?.received += count
        } else {
            stagedEnd += count
        }
    }

    /// The next complete frame, or nil until more bytes have come.
    package mutating func next() throws(WireError) -> InboundFrame? {
        if let partial {
            guard partial.missing == 0 else { return nil }
            self.partial = nil
            return InboundFrame(header: partial.header, buffer: partial.buffer)
        }
        let staged = stagedEnd - stagedStart
        guard staged >= FrameHeader.length else { return nil }
        let bytes = UnsafeRawBufferPointer(start: staging + stagedStart, count: staged)
        let header = try FrameHeader(parsing: bytes, limit: limit)
        let available = min(staged - FrameHeader.length, header.payloadLength)
        let isComplete = available == header.payloadLength
        // An incomplete small frame waits where it is: the rest comes with the next read.
        guard isComplete || FrameHeader.length + header.payloadLength > Self.stagingLength else {
            return nil
        }
        let length = isComplete ? available : min(header.payloadLength, Self.firstLength)
        let buffer = FrameBuffer(capacity: FrameHeader.length + length)
        buffer.extend(by: length).copyMemory(
            from: staging + stagedStart + FrameHeader.length, byteCount: available)
        stagedStart += FrameHeader.length + available
        guard isComplete else {
            partial = Partial(header: header, buffer: buffer, received: available)
            return nil
        }
        return InboundFrame(header: header, buffer: buffer)
    }

    /// Whether the stream may end here without losing part of a frame.
    package var isAtBoundary: Bool { partial == nil && stagedStart == stagedEnd }
}
