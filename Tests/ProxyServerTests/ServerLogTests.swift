import Foundation
import ProxyTransport
import Testing

@testable import ProxyServer

struct ServerLogTests {
    @Test(arguments: [false, true])
    func onlyTheServersOwnLogIsEmptiedWhenItIsLong(isBounded: Bool) throws {
        let path = "/tmp/pyproxy-test-\(UUID().uuidString.prefix(8))"
        defer { unlink(path) }
        let log = ServerLog(
            try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_APPEND), isBounded: isBounded)
        log.write(text: "first\n")
        for _ in 0..<10 { log.write(text: String(repeating: "x", count: 1 << 20)) }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("first") == !isBounded)
        #expect(isBounded ? text.utf8.count <= 8 << 20 : text.utf8.count == 6 + 10 << 20)
    }
}
