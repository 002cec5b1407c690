import Foundation
import ProxyTransport

/// What a server leaves behind.
enum ServerTraces {
    private static let tailLength = 16 << 10
    private static let tailLines = 80

    /// The end of a log.
    static func lastLines(of path: String) -> String {
        guard let file = try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW) else {
            return ""
        }
        return lastLines(of: file)
    }

    /// The end of a log that is open for reading, even if its name is gone.
    static func lastLines(of file: borrowing Descriptor) -> String {
        let length = lseek(file.number, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: tailLength)
        let start = max(length - off_t(tailLength), 0)
        let count = pread(file.number, &bytes, bytes.count, start)
        return lastLines(
            of: String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self), tailLines)
    }

    /// The signal that a log says the server was killed by.
    static func epitaph(in log: String) -> Int32? {
        log.split(separator: "\n").last { $0.hasPrefix("[server] killed by signal ") }?
            .split(separator: " ").last.flatMap { Int32($0) }
    }

    /// Removes socket and files of a server that is dead. Blocks while another client starts one.
    static func remove(of place: ServerPlace) {
        guard let lock = try? FileLock(path: place.lockPath) else { return }
        if place.address.isDead { place.removeFiles() }
        withExtendedLifetime(lock) {}
    }

    static func lastLines(of text: String, _ count: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).suffix(count)
            .joined(separator: "\n").trimmingCharacters(in: .newlines)
    }
}
