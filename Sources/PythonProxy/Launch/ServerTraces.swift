import Foundation
import ProxyTransport

/// What a server leaves behind.
enum ServerTraces {
    /// The end of a log, of at most 4 kB and 40 lines.
    static func lastLines(of path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        let length = (try? file.seekToEnd()) ?? 0
        try? file.seek(toOffset: length > 4096 ? length - 4096 : 0)
        let data = (try? file.readToEnd()) ?? Data()
        return lastLines(of: String(decoding: data, as: UTF8.self), 40)
    }

    /// Removes socket and log of a server that is dead. Blocks while another client starts one.
    static func remove(of specification: ServerSpecification) {
        guard let lock = try? FileLock(path: specification.lockPath) else { return }
        if (try? specification.address.connect()) == nil {
            unlink(specification.address.path)
            unlink(specification.logPath)
        }
        withExtendedLifetime(lock) {}
    }

    static func lastLines(of text: String, _ count: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).suffix(count)
            .joined(separator: "\n").trimmingCharacters(in: .newlines)
    }
}
