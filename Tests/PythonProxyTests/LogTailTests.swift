import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

@Suite
struct LogTailTests {
    /// A thousand calls that were cancelled at once drove out the last words of the process.
    @Test func whatAServerNotesOfItsClientsIsNotAmongItsLastWords() throws {
        let path = FileManager.default.temporaryDirectory.path + "/log-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var lines = ["2026-01-02 03:04:05Z [server 7] serving python at unix:/x", "Fatal error"]
        lines += (0..<3000).map { "2026-01-02 03:04:05Z [server 7] client 1 cancels call \($0), f" }
        lines += ["] client of its own", "last words"]
        try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let file = try Descriptor(opening: path, flags: O_RDONLY)
        #expect(LogTail.text(of: file).split(separator: "\n").count == 80)
        #expect(
            LogTail.text(of: file, omitsClients: true).split(separator: "\n")
                == [lines[0], "Fatal error", "] client of its own", "last words"].map { $0[...] })
    }
}
