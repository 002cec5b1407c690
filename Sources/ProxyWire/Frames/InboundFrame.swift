/// A frame that has arrived whole.
package struct InboundFrame: Sendable {
    package let kind: FrameKind
    package let callID: UInt64
    /// What was sent. It ends with the table of segments.
    private let buffer: FrameBuffer
    private let loanCount: Int
    /// The segments that the content refers to. They go back to the sender when the frame and all that was
    /// made from it without a copy are gone.
    private var loans: LoanTable?

    init(header: FrameHeader, buffer: FrameBuffer) {
        self.kind = header.kind
        self.callID = header.callID
        self.loanCount = header.loanCount
        self.buffer = buffer
    }

    /// A frame that has not travelled.
    package init(kind: FrameKind, callID: UInt64, buffer: FrameBuffer) {
        self.kind = kind
        self.callID = callID
        self.loanCount = 0
        self.buffer = buffer
    }

    /// The payload without the table of segments.
    package var content: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            rebasing: buffer.payload.dropLast(loanCount * FrameHeader.loanLength))
    }

    /// How much memory the frame holds, with the segments that it refers to.
    package var byteCount: Int { buffer.count + (loans?.byteCount ?? 0) }

    /// The numbers of the segments that the content refers to.
    package var loanNumbers: [UInt64] {
        guard loanCount > 0 else { return [] }
        let table = buffer.payload.suffix(loanCount * FrameHeader.loanLength)
        return stride(from: table.startIndex, to: table.endIndex, by: FrameHeader.loanLength).map {
            UInt64(bigEndian: buffer.payload.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
        }
    }

    /// The frame with the segments that belong to its numbers.
    package func with(_ loans: [any Loan]) -> InboundFrame {
        var frame = self
        frame.loans = LoanTable(loans)
        return frame
    }

    /// Reads the content with `body`; the whole of it must be consumed.
    package func read<Value>(
        limits: Limits, _ body: (inout CBORReader) throws -> Value
    ) throws -> Value {
        // The reader points into the buffer and the table, which must outlive it.
        try withExtendedLifetime((buffer, loans)) {
            var reader = unsafeReader(maximumDepth: limits.depth)
            let value = try body(&reader)
            try reader.finish()
            return value
        }
    }

    /// A reader of the content. The caller keeps the frame for longer than the reader.
    package func unsafeReader(maximumDepth: Int) -> CBORReader {
        CBORReader(content, maximumDepth: maximumDepth, loans: loans)
    }
}
