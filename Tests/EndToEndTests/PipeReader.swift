import Foundation

/// A pipe whose text is read line by line.
final class PipeReader: Sendable {
    private let pipe = Pipe()
    var writingEnd: Int32 { pipe.fileHandleForWriting.fileDescriptor }

    init() throws {}

    /// The process that writes has its own: when that ends, so does what can be read.
    func closeWritingEnd() { try? pipe.fileHandleForWriting.close() }

    func firstLine() -> String {
        var bytes: [UInt8] = []
        while let byte = try? pipe.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
