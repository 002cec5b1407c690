/// Something that was written to standard output or standard error on the server.
public struct OutputChunk: Sendable, Equatable {
    public enum Stream: Sendable, Equatable {
        case standardOutput
        case standardError
    }

    public let stream: Stream
    /// The bytes as text. A character that is spread over two chunks is kept for the second.
    public let text: String
    /// The bytes as they were written.
    public let bytes: [UInt8]
    /// The call that wrote it, counted from 1 on each connection; nil if that is not known.
    public let callID: UInt64?
    /// How many bytes of this stream were dropped before these, because nobody read them in time.
    public let droppedBytes: Int
}
