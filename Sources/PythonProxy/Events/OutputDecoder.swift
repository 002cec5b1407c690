import ProxyWire

/// Makes text of the bytes that a server prints: a character whose bytes come in two pieces is kept for the
/// second.
struct OutputDecoder {
    /// The start of a character whose rest is to come.
    private struct Start {
        let callID: UInt64
        let bytes: [UInt8]
    }

    private var starts: [OutputChunk.Stream: Start] = [:]

    /// The chunks that are complete with these bytes.
    mutating func decode(_ output: Output, callID: UInt64) -> [OutputChunk] {
        let stream: OutputChunk.Stream =
            output.stream == .standardOutput ? .standardOutput : .standardError
        var chunks: [OutputChunk] = []
        var bytes = output.bytes
        if let start = starts.removeValue(forKey: stream) {
            if start.callID == callID {
                bytes = start.bytes + bytes
            } else {
                // The rest of that character does not come next.
                chunks.append(Self.chunk(start.bytes, stream, callID: start.callID))
            }
        }
        let complete = bytes.count - Self.incompleteCharacterLength(bytes)
        if complete < bytes.count {
            starts[stream] = Start(callID: callID, bytes: Array(bytes[complete...]))
        }
        if complete > 0 {
            chunks.append(
                Self.chunk(
                    Array(bytes[..<complete]), stream, callID: callID, dropped: output.dropped))
        }
        return chunks
    }

    /// The starts of characters whose rest never came.
    mutating func finish() -> [OutputChunk] {
        defer { starts = [:] }
        return starts.map { Self.chunk($1.bytes, $0, callID: $1.callID) }
    }

    private static func chunk(
        _ bytes: [UInt8], _ stream: OutputChunk.Stream, callID: UInt64, dropped: Int = 0
    ) -> OutputChunk {
        OutputChunk(
            stream: stream, text: String(decoding: bytes, as: UTF8.self), bytes: bytes,
            callID: callID == 0 ? nil : callID, droppedBytes: dropped)
    }

    /// The length of the start of a UTF-8 character at the end, whose rest is to come.
    private static func incompleteCharacterLength(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            if byte & 0xC0 == 0x80 { continue }
            if byte > 0xF4 { return 0 }
            let expected = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return expected > length ? length : 0
        }
        return 0
    }
}
