import ProxyTransport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file that a server leaves its last words in.
package final class ServerLog: Sendable {
    private static let maximumLength = 8 << 20

    private let descriptor: Descriptor
    private let isBounded: Bool
    private let length = ConditionMutex(0)

    /// Takes over a file that is open for appending.
    ///
    /// - Parameter isBounded: whether the file is emptied when it has grown to a few megabytes. Not one of a
    ///   user's.
    package init(_ descriptor: consuming Descriptor, isBounded: Bool = true) {
        self.descriptor = descriptor
        self.isBounded = isBounded
    }

    package var number: Int32 { descriptor.number }

    /// Writes a line of the server's own, with the time.
    package func write(line: String) {
        write(text: "\(Self.now) [server \(getpid())] \(line)\n")
    }

    func write(text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// The time in UTC, as in "2026-11-22 21:41:39Z".
    private static var now: String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%Y-%m-%d %H:%M:%SZ", &parts)
        return text.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
    }

    func write(_ chunk: CapturedChunk) { chunk.bytes.withUnsafeBytes { write($0) } }

    package func write(_ bytes: UnsafeRawBufferPointer) {
        length.withLock { length in
            if isBounded, length + bytes.count > Self.maximumLength {
                _ = ftruncate(descriptor.number, 0)
                length = 0
            }
            writeAll(descriptor.number, bytes)
            length += bytes.count
        }
    }
}
