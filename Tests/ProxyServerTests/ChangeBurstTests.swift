import Foundation
import Testing

@testable import ProxyServer

/// When changed files are taken over. Times in milliseconds from the first change.
struct ChangeBurstTests {
    private func nanoseconds(_ milliseconds: UInt64) -> UInt64 { (1000 + milliseconds) * 1_000_000 }

    @Test func aBurstIsOverWhenNothingHasChangedForAMoment() {
        var burst = ChangeBurst(at: nanoseconds(0))
        burst.add(["/a.py"], isIncomplete: false, at: nanoseconds(0))
        #expect(!burst.isOver(at: nanoseconds(24)))
        burst.add(["/b.py"], isIncomplete: false, at: nanoseconds(24))
        #expect(!burst.isOver(at: nanoseconds(48)))
        #expect(burst.isOver(at: nanoseconds(49)))
        #expect(burst.paths == ["/a.py", "/b.py"])
    }

    @Test func aFileThatIsNotClosedIsWaitedForLonger() {
        var burst = ChangeBurst(at: nanoseconds(0))
        burst.add(["/a.py"], isIncomplete: true, at: nanoseconds(0))
        #expect(!burst.isOver(at: nanoseconds(200)))
        burst.add(["/a.py"], isIncomplete: false, at: nanoseconds(200))
        #expect(burst.isOver(at: nanoseconds(225)))
    }

    @Test func changesThatNeverEndAreTakenOverAllTheSame() {
        var burst = ChangeBurst(at: nanoseconds(0))
        for time in stride(from: UInt64(0), to: 490, by: 20) {
            burst.add(["/a.py"], isIncomplete: true, at: nanoseconds(time))
            #expect(!burst.isOver(at: nanoseconds(time + 10)))
        }
        #expect(burst.isOver(at: nanoseconds(500)))
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
        #expect(!burst.isOver(at: nanoseconds(100)))
        #expect(!burst.isOver(at: nanoseconds(124)))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: lock)
        #expect(burst.isOver(at: nanoseconds(125)))
    }
}
