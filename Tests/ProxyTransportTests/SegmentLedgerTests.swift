import ProxyWire
import Testing

@testable import ProxyTransport

/// The rules of lending, without a peer.
struct SegmentLedgerTests {
    private func segment(_ length: Int) throws -> SegmentLedger.Segment {
        SegmentLedger.Segment(memory: try SegmentMemory.create(length: length).memory)
    }

    /// A ledger with one segment that was lent, sent and returned.
    private func withFree(_ length: Int, at time: UInt64 = 0) throws -> SegmentLedger {
        var ledger = SegmentLedger()
        let lent = ledger.add(try segment(length))
        ledger.sent(try #require(lent).number)
        _ = ledger.takeBack(1, retiring: false, at: time)
        return ledger
    }

    @Test func aSegmentIsLentAgainOnlyWhenItIsBack() throws {
        var ledger = SegmentLedger()
        let lent = ledger.add(try segment(8192))
        let whileDrafted = ledger.takeFree(8192)
        ledger.sent(1)
        let whileLent = ledger.takeFree(8192)
        let result = ledger.takeBack(1, retiring: false, at: 1)
        let afterwards = ledger.takeFree(8192)
        #expect(whileDrafted == nil && whileLent == nil)
        #expect(result == .taken)
        #expect(afterwards?.number == 1 && lent?.number == 1)
    }

    @Test func whatIsNotLentCannotBeReturned() throws {
        var ledger = try withFree(4096)
        let results = [
            ledger.takeBack(1, retiring: false, at: 1), ledger.takeBack(99, retiring: false, at: 1),
        ]
        #expect(results == [.notLent, .notLent])
    }

    @Test func aFreeSegmentServesWhatNeedsAtLeastHalfOfIt() throws {
        var ledger = try withFree(65536)
        let small = ledger.takeFree(16384)
        let large = ledger.takeFree(65537)
        let right = ledger.takeFree(40000)
        #expect(small == nil && large == nil)
        #expect(right?.number == 1)
    }

    @Test func aRetiredSegmentIsNotFilledAgain() throws {
        var ledger = SegmentLedger()
        _ = ledger.add(try segment(4096))
        ledger.sent(1)
        let result = ledger.takeBack(1, retiring: true, at: 1)
        #expect(result == .retired)
        #expect(!ledger.hasFree)
    }

    @Test func segmentsThatNobodyWantsGoBackToTheSystem() throws {
        var ledger = try withFree(4096, at: 100)
        let early = ledger.trim(freeSince: 99)
        #expect(early.isEmpty && ledger.hasFree)
        let late = ledger.trim(freeSince: 100)
        #expect(late == [1])
        #expect(!ledger.hasFree)
        let taken = ledger.takeFree(4096)
        #expect(taken == nil)
    }

    @Test func bytesAreUnreadFromSendingToReturningOrUntilAllIsRead() throws {
        var ledger = SegmentLedger()
        _ = ledger.add(try segment(8192))
        #expect(ledger.unreadBytes == 0)
        ledger.sent(1)
        #expect(ledger.unreadBytes == 8192)
        _ = ledger.takeBack(1, retiring: false, at: 1)
        #expect(ledger.unreadBytes == 0)
        _ = ledger.takeFree(8192)
        ledger.sent(1)
        #expect(ledger.unreadBytes == 8192)
        ledger.allRead()
        #expect(ledger.unreadBytes == 0)
    }

    @Test func theLeastRecentlyReturnedGoFirstWhenThereAreTooMany() throws {
        var ledger = SegmentLedger()
        for _ in 1...3 { _ = ledger.add(try segment(4096)) }
        for number in 1...3 as ClosedRange<UInt64> { ledger.sent(number) }
        for number in [3, 2, 1] as [UInt64] {
            _ = ledger.takeBack(number, retiring: false, at: 1)
        }
        let removed = ledger.trim(to: 2 * 4096)
        #expect(removed == [3])
    }
}
