import ProxyWire
import Testing

@testable import PythonProxy

struct CallTableTests {
    private typealias Table = CallTable<String>

    /// Admits and registers a call.
    private func register(_ table: inout Table, _ waiter: String, byteCount: Int = 1) -> UInt64? {
        guard case .admitted = table.admit(),
            case .registered(let id) = table.register(waiter, CallDetails(byteCount: byteCount))
        else { return nil }
        return id
    }

    private func isFull(_ table: inout Table) -> Bool {
        if case .full = table.admit() { true } else { false }
    }

    @Test func eachAnswerReachesItsOwnCall() throws {
        var table = Table()
        let (a, b) = (register(&table, "a"), register(&table, "b"))
        #expect(a == 1 && b == 2)
        table.printed(Array("text".utf8), by: 2)
        let (second, first, again) = (table.answered(2), table.answered(1), table.answered(1))
        #expect(second?.waiter == "b")
        #expect(second?.output.text == "text")
        #expect(first?.waiter == "a")
        #expect(again == nil)
    }

    @Test func theEndReachesEveryCallAndRefusesNewOnes() {
        var table = Table()
        for waiter in ["a", "b", "c"] { _ = register(&table, waiter) }
        let remaining = table.close(.serverUnavailable("gone"), lastReceived: nil)
        #expect(remaining.received.sorted() == ["a", "b", "c"])
        #expect(remaining.notReceived.isEmpty)
        #expect(!table.isOpen)
        guard case .refused(.serverUnavailable("gone")) = table.admit() else {
            Issue.record("not refused")
            return
        }
    }

    @Test func callsThatTheServerHasNotReceivedAreToldApart() {
        var table = Table(limits: Limits(unansweredCalls: 8))
        for waiter in ["a", "b", "c"] { _ = register(&table, waiter) }
        guard case .admitted = table.admit(),
            case .registered = table.register("unsent", CallDetails(byteCount: 1), isSent: false)
        else {
            Issue.record("not registered")
            return
        }
        let ticket = table.waitForRoom("queued")
        #expect(ticket != nil)
        let remaining = table.close(.serverUnavailable("gone"), lastReceived: 2)
        #expect(remaining.received.sorted() == ["a", "b"])
        #expect(remaining.notReceived.sorted() == ["c", "queued", "unsent"])
    }

    @Test func callsBeyondHalfOfWhatTheServerTakesWait() {
        var table = Table(limits: Limits(unansweredCalls: 4))
        _ = register(&table, "a")
        _ = register(&table, "b")
        let isFull = isFull(&table)
        #expect(isFull)
        let tickets = [table.waitForRoom("c"), table.waitForRoom("d")]
        #expect(!tickets.contains(nil))
        #expect(table.admitWaiting().isEmpty)
        _ = table.answered(1)
        let admitted = [table.admitWaiting(), table.admitWaiting()]
        #expect(admitted == [["c"], []])
        // Those who come later queue up behind.
        let isStillFull = self.isFull(&table)
        #expect(isStillFull)
        let left = tickets[1].flatMap { table.leaveQueue($0) }
        #expect(left == "d")
    }

    @Test func oneCallMayHaveMoreBytesThanTheServerTakes() {
        var table = Table(limits: Limits(unansweredBytes: 100))
        let big = register(&table, "big", byteCount: 1000)
        let isFull = isFull(&table)
        #expect(big != nil && isFull)
        _ = table.answered(1)
        let next = register(&table, "next")
        #expect(next != nil)
    }

    @Test func noMoreCallsAreAdmittedThanFitIfTheyAreAsLongAsThoseBefore() {
        var table = Table(limits: Limits(unansweredBytes: 200))
        for waiter in ["a", "b", "c"] { _ = register(&table, waiter, byteCount: 40) }
        for waiter in ["d", "e", "f", "g"] { _ = table.waitForRoom(waiter) }
        _ = table.answered(1)
        _ = table.answered(2)
        // 40 bytes are in flight: two more of 40 may be written, and then exceed the half of 200.
        let admitted = table.admitWaiting()
        #expect(admitted == ["d", "e"])
    }

    @Test func aCallThatNobodyWaitsForTakesRoomUntilTheServerAnswers() {
        var table = Table(limits: Limits(unansweredCalls: 2))
        _ = register(&table, "a")
        let waiter = table.cancelled(1)
        #expect(waiter == "a")
        #expect(!table.isSettled)
        let isFull = isFull(&table)
        #expect(isFull)
        _ = table.answered(1)
        #expect(table.isSettled)
        let next = register(&table, "b")
        #expect(next == 2)
    }

    @Test func anAdmittedCallThatIsNotMadeLeavesItsRoom() {
        var table = Table(limits: Limits(unansweredCalls: 2))
        guard case .admitted = table.admit() else {
            Issue.record("not admitted")
            return
        }
        let ticket = table.waitForRoom("next")
        #expect(ticket != nil)
        table.withdrawAdmitted()
        let admitted = table.admitWaiting()
        #expect(admitted == ["next"])
    }
}
