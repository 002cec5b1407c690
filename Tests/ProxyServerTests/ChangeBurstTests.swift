import Foundation
import Testing

@testable import ProxyServer

/// When changed files are taken over. Times in milliseconds from the first change.
struct ChangeBurstTests {
    private func nanoseconds(_ milliseconds: UInt64) -> UInt64 { (1000 + milliseconds) * 1_000_000 }

    /// The macro for expectations cannot hold what changes a variable.
    private func isOver(_ burst: inout ChangeBurst, at milliseconds: UInt64) -> Bool {
        burst.isOver(at: nanoseconds(milliseconds))
    }

    @Test func aBurstIsOverWhenNothingHasChangedForAMoment() {
        var burst = ChangeBurst(at: nanoseconds(0))
        burst.add(["/a.py"], isIncomplete: false, at: nanoseconds(0))
        #expect(!isOver(&burst, at: 24))
        burst.add(["/b.py"], isIncomplete: false, at: nanoseconds(24))
        #expect(!isOver(&burst, at: 48))
        #expect(isOver(&burst, at: 49))
        #expect(burst.paths == ["/a.py", "/b.py"])
    }

    @Test func aFileThatIsNotClosedIsWaitedForLonger() {
        var burst = ChangeBurst(at: nanoseconds(0))
        burst.add(["/a.py"], isIncomplete: true, at: nanoseconds(0))
        #expect(!isOver(&burst, at: 200))
        burst.add(["/a.py"], isIncomplete: false, at: nanoseconds(200))
        #expect(isOver(&burst, at: 225))
    }

    @Test func changesThatNeverEndAreTakenOverAllTheSame() {
        var burst = ChangeBurst(at: nanoseconds(0))
        for time in stride(from: UInt64(0), to: 490, by: 20) {
            burst.add(["/a.py"], isIncomplete: true, at: nanoseconds(time))
            #expect(!isOver(&burst, at: time + 10))
        }
        #expect(isOver(&burst, at: 500))
    }

    @Test func gitIsWaitedForUnlessItsLockWasLeftBehind() throws {
        let folder = "/tmp/pyproxy-test-\(UUID().uuidString.prefix(8))"
        let lock = folder + "/.git/index.lock"
        try FileManager.default.createDirectory(
            atPath: folder + "/.git", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = FileManager.default.createFile(atPath: lock, contents: nil)
        var burst = ChangeBurst(at: nanoseconds(0))
        burst.add([folder + "/deep/a.py"], isIncomplete: false, at: nanoseconds(0))
        #expect(!isOver(&burst, at: 100))
        #expect(!isOver(&burst, at: 124))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: lock)
        #expect(isOver(&burst, at: 125))
    }
}
