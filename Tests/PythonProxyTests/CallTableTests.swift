import Testing

@testable import PythonProxy

struct CallTableTests {
    @Test func eachAnswerReachesItsOwnCall() {
        var table = CallTable<String>()
        let (a, b) = (table.newID(), table.newID())
        _ = table.register(a, "a")
        _ = table.register(b, "b")
        table.printed(Array("text".utf8), by: b)
        let (second, first, again) = (table.answered(b), table.answered(a), table.answered(a))
        #expect(second?.waiter == "b")
        #expect(second?.output.text == "text")
        #expect(first?.waiter == "a")
        #expect(again == nil)
    }

    @Test func theEndReachesEveryCallAndRefusesNewOnes() {
        var table = CallTable<Int>()
        for waiter in 0..<3 { _ = table.register(table.newID(), waiter) }
        let waiters = table.close(.serverUnavailable("gone"))
        #expect(waiters.sorted() == [0, 1, 2])
        #expect(!table.isOpen)
        guard case .refused(.serverUnavailable("gone")) = table.register(table.newID(), 9) else {
            Issue.record("not refused")
            return
        }
    }

    @Test func aCallCancelledBeforeItIsRegisteredIsNeverSent() {
        var table = CallTable<Int>()
        let id = table.newID()
        let early = table.cancelled(id)
        #expect(early == nil)
        guard case .cancelled = table.register(id, 1) else {
            Issue.record("registered")
            return
        }
    }
}
