import Foundation
import ProxyTransport

/// Lines in a file, each written in one go, so that nothing is lost when the process is killed.
final class SoakJournal: Sendable {
    private let file: Descriptor

    init(path: String) throws {
        file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_APPEND)
    }

    func write(_ line: String) {
        var text = line + "\n"
        _ = text.withUTF8 { Foundation.write(file.number, $0.baseAddress, $0.count) }
    }
}
