import Foundation
import ProxyTransport

/// The end of a server's log.
enum LogTail {
    private static let byteCount = 16 << 10
    /// What is left out may be much: a note for each of thousands of calls.
    private static let byteCountWithClients = 1 << 20
    private static let lineCount = 80

    static func text(of path: String) -> String {
        guard let file = try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW) else {
            return ""
        }
        return text(of: file)
    }

    /// - Parameters:
    ///   - file: open for reading; its name may be gone.
    ///   - omitsClients: leaves out what the server has noted of its clients, such as calls that were cancelled.
    static func text(of file: borrowing Descriptor, omitsClients: Bool = false) -> String {
        let length = lseek(file.number, 0, SEEK_END)
        let byteCount = omitsClients ? byteCountWithClients : byteCount
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let start = max(length - off_t(byteCount), 0)
        let count = pread(file.number, &bytes, bytes.count, start)
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        guard omitsClients else { return text.lastLines(lineCount) }
        return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            guard let end = line.firstRange(of: "] client ") else { return true }
            return !line[..<end.lowerBound].contains(" [server ")
        }.joined(separator: "\n").lastLines(lineCount)
    }

    /// The signal that killed the server, if its log names one.
    static func signal(in log: String) -> Int32? {
        log.split(separator: "\n").last { $0.hasPrefix("[server] killed by signal ") }?
            .split(separator: " ").last.flatMap { Int32($0) }
    }
}

extension String {
    func lastLines(_ count: Int) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).suffix(count)
            .joined(separator: "\n").trimmingCharacters(in: .newlines)
    }
}
