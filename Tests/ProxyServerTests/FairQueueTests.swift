import Testing

@testable import ProxyServer

struct FairQueueTests {
    private struct Item: SessionBound, Equatable {
        let sessionID: UInt64
        let number: Int
    }

    private func queue(_ sessions: [UInt64]) -> FairQueue<Item> {
        var queue = FairQueue<Item>()
        for (number, session) in sessions.enumerated() {
            queue.append(Item(sessionID: session, number: number))
        }
        return queue
    }

    private func drain(_ queue: inout FairQueue<Item>) -> [Int] {
        var numbers: [Int] = []
        while let item = queue.popFirst() { numbers.append(item.number) }
        return numbers
    }

    @Test func sessionsTakeTurnsAndKeepTheirOrder() {
        var queue = queue([1, 1, 1, 1, 2, 2, 3])
        let order = drain(&queue)
        #expect(order == [0, 4, 6, 1, 5, 2, 3])
        #expect(queue.isEmpty)
    }

    @Test func manySessionsLeaveNothingBehind() {
        var queue = queue((0..<1000).map { UInt64($0) })
        let all = drain(&queue)
        #expect(all.sorted() == Array(0..<1000))
        queue.append(Item(sessionID: 5, number: 1))
        let one = drain(&queue)
        #expect(one == [1])
    }

    @Test func aPausedSessionIsPassedOver() {
        var queue = queue([1, 2])
        queue.pause(1)
        let order = drain(&queue)
        #expect(order == [1])
        #expect(queue.count == 1)
        queue.resume(1)
        let rest = drain(&queue)
        #expect(rest == [0])
    }

    @Test func whatIsRemovedIsNotCounted() {
        var queue = queue([1, 1, 2, 2])
        let first = queue.removeFirst(of: 1) { $0.number == 1 }
        #expect(first?.number == 1)
        let nobody = queue.removeFirst(of: 3) { _ in true }
        #expect(nobody == nil)
        let others = queue.remove { $0.sessionID == 2 }
        #expect(others.map(\.number) == [2, 3])
        #expect(queue.count == 1)
        let rest = drain(&queue)
        #expect(rest == [0])
    }

    @Test func aConditionPicksTheSession() {
        var queue = queue([1, 1, 2])
        let item = queue.popFirst { session, count in session == 2 || count > 2 }
        #expect(item?.number == 2)
        let none = queue.popFirst { session, _ in session == 2 }
        #expect(none == nil)
    }
}
