import ProxyTransport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file that a server leaves its last words in. It never grows past a few megabytes.
package final class ServerLog: Sendable {
    private static let maximumLength = 8 << 20

    private let descriptor: Descriptor
    private let length = ConditionMutex(0)

    /// Takes over a file that is open for appending.
    package init(_ descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    package var number: Int32 { descriptor.number }

    package func write(line: String) {
        var line = line + "\n"
        line.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) {
        length.withLock { length in
            if length + bytes.count > Self.maximumLength {
                _ = ftruncate(descriptor.number, 0)
                length = 0
            }
            writeAll(descriptor.number, bytes)
            length += bytes.count
        }
    }
}

/// Writes all bytes, as far as the file takes them.
package func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty,
        let count = retryingInterruptions({
            write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        })
    {
        rest = rest.dropFirst(count)
    }
}
