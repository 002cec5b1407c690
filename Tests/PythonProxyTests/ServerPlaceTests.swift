import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Where servers listen, and which files belong to them.
struct ServerPlaceTests {
    private func withFolder(_ body: (ProcessContext) throws -> Void) throws {
        let folder = try RuntimeFolder()
        defer { folder.remove() }
        try body(folder.context)
    }

    static let addresses: [(url: String?, port: Int, expected: String)] = [
        (nil, 1753, ""), ("unix:/tmp/a.sock", 1753, "unix:/tmp/a.sock"),
        ("unix:/tmp/a", 1753, "unix:/tmp/a.sock"),
        ("tcp://127.0.0.1", 1753, "tcp://127.0.0.1:1753"),
        ("tcp://localhost:99", 1753, "tcp://127.0.0.1:99"),
    ]

    @Test(arguments: addresses)
    func anAddressHasOneSpelling(url: String?, port: Int, expected: String) throws {
        try withFolder { (context) throws in
            let spelling = try ServerPlace.normalized(url, port: port, context)
            #expect(spelling == expected)
        }
    }

    @Test(arguments: [
        "http://127.0.0.1", "tcp://0.0.0.0", "tcp://127.0.0.1:x", "tcp://127.0.0.1:0", "unix:",
    ])
    func whatNoServerMayListenAtIsRefused(url: String) throws {
        try withFolder { (context) throws in
            #expect(throws: ProxyError.self) {
                try ServerPlace.normalized(url, port: 1753, context)
            }
        }
    }

    @Test(arguments: ["", "tcp://127.0.0.1:1234"])
    func aPlaceIsFoundAgainByItsFile(url: String) throws {
        try withFolder { (context) throws in
            let place = try ServerPlace(
                normalizedURL: url, fingerprint: "0123456789abcdef", context)
            let directory = try RuntimeDirectory(context)
            let name = url.isEmpty ? "0123456789abcdef.sock" : "tcp-1234.token"
            let found = try #require(ServerPlace(found: name, in: directory))
            #expect("\(found.address)" == "\(place.address)")
            #expect(found.lockPath == place.lockPath)
            #expect(found.logPath == place.logPath)
            #expect(found.tokenPath == place.tokenPath)
        }
    }

    @Test func whatADeadServerLeftIsRemovedAndOtherFilesAreNot() throws {
        try withFolder { (context) throws in
            let place = try ServerPlace(normalizedURL: "", fingerprint: "a", context)
            let directory = try RuntimeDirectory(context)
            for name in ["a.log", "b.log"] {
                _ = FileManager.default.createFile(
                    atPath: directory.file(name), contents: Data("x".utf8))
            }
            try place.prepare()
            #expect(!FileManager.default.fileExists(atPath: directory.file("a.log")))
            #expect(FileManager.default.fileExists(atPath: directory.file("b.log")))
            #expect(ServerPlace(found: "b.log", in: directory) == nil)
        }
    }
}
