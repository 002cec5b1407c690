/// The last few kilobytes of what was written.
struct OutputTail {
    private static let capacity = 8 << 10
    private var bytes: [UInt8] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func append(_ more: [UInt8]) {
        if more.count >= Self.capacity {
            bytes = Array(more.suffix(Self.capacity))
            return
        }
        bytes += more
        if bytes.count > 2 * Self.capacity { bytes.removeFirst(bytes.count - Self.capacity) }
    }
}
