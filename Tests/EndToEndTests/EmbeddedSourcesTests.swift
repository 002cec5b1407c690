import Foundation
import Testing

@testable import PythonProxy

struct EmbeddedSourcesTests {
    @Test func theServerCarriesEverySourceOfThePythonHalf() async throws {
        let folder = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "python/pyproxy_runtime").path
        let files = try #require(FileManager.default.enumerator(atPath: folder))
            .compactMap { $0 as? String }.filter { $0.hasSuffix(".py") }
        var sources: [String: String] = [:]
        for file in files {
            sources[file] = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
        }
        #expect(sources.count > 20)
        try await Workspace.with(try .any) { workspace in
            try await workspace.withProxy("_pyproxy") { native in
                let carried: [String: Data] = try await native.sources()
                let texts = carried.mapValues { String(decoding: $0, as: UTF8.self) }
                #expect(Set(texts.keys) == Set(sources.keys))
                for (name, text) in texts { #expect(text == sources[name], "\(name)") }
            }
        }
    }
}
