import Foundation
import Testing

@testable import PythonProxy

/// The environment variables that tell servers apart.
struct ServerVariablesTests {
    /// The example of the paper: the key is 00 01 … 0f, the text 00 01 … 0e.
    @Test func theHashIsSipHash() {
        let hash = SipHash(key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908))
        #expect(hash(Array(0..<15)) == 0xA129_CA61_49BE_45E5)
    }

    private func variables(
        _ inherited: [String: String], own: [String: String] = [:], key: UInt64 = 1
    ) -> ServerVariables {
        ServerVariables(inherited: inherited, own: own, hash: SipHash(key: (key, 2)))
    }

    @Test func whatPythonReadsCountsAndWhatTheUserSets() {
        let made = variables(
            [
                "PYTHONPATH": "/a", "PYTHONHOME": "/b", "HOME": "/c", "LANG": "C", "LC_ALL": "C",
                "OMP_NUM_THREADS": "1", "FOO": "1", "BAR": "1",
            ], own: ["FOO": "2"])
        let names = made.fingerprints.map { $0.prefix { $0 != "=" } }
        #expect(names == ["FOO", "LANG", "LC_ALL", "OMP_NUM_THREADS", "PYTHONPATH"])
        #expect(made.all["FOO"] == "2" && made.all["HOME"] == "/c" && made.all["PYTHONHOME"] == nil)
        #expect(variables(["HOME": "/x"]).fingerprints.isEmpty)
    }

    @Test func valuesAreHiddenBehindAKey() {
        let secret = "s3cr3t"
        let made = variables(["PYTHONTOKEN": secret])
        #expect(!made.fingerprints.joined().contains(secret))
        #expect(made.fingerprints == variables(["PYTHONTOKEN": secret]).fingerprints)
        #expect(made.fingerprints != variables(["PYTHONTOKEN": secret + "!"]).fingerprints)
        #expect(made.fingerprints != variables(["PYTHONTOKEN": secret], key: 3).fingerprints)
    }

    @Test func manyClientsMakeOneSecret() async throws {
        let folder = try RuntimeFolder()
        defer { folder.remove() }
        let directory = try RuntimeDirectory(folder.context)
        let secrets = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { "\(try directory.secret())" } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(secrets.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["secret"])
    }
}
