import Testing

@testable import PythonProxy

struct ReadingRoleTests {
    /// A role whose thread rests.
    private func resting() -> ReadingRole {
        var role = ReadingRole()
        _ = role.rest(isAwaited: false)
        return role
    }

    @Test func theThreadReadsWhileAnyoneWaits() {
        var role = ReadingRole()
        let rests = role.rest(isAwaited: true)
        #expect(!rests)
        #expect(role.holder == .thread)
        let taken = role.takeForCaller()
        #expect(!taken)
    }

    @Test func oneCallerReadsAtATime() {
        var role = resting()
        let taken = [role.takeForCaller(), role.takeForCaller()]
        #expect(taken == [true, false])
        let wakes = role.giveBack(isAwaited: false)
        #expect(!wakes)
        #expect(role.holder == .nobody)
    }

    @Test func aCallerThatLeavesOthersWaitingWakesTheThread() {
        var role = resting()
        _ = role.takeForCaller()
        let wakes = role.giveBack(isAwaited: true)
        #expect(wakes)
        #expect(role.holder == .thread)
    }

    @Test func whoWaitsWithoutReadingWakesTheRestingThreadOnce() {
        var role = resting()
        let wakes = [role.needed(), role.needed()]
        #expect(wakes == [true, false])
        #expect(role.holder == .thread)
    }

    @Test func whoWaitsBesideACallerThatReadsWakesNobody() {
        var role = resting()
        _ = role.takeForCaller()
        let wakes = role.needed()
        #expect(!wakes)
        #expect(role.holder == .caller)
    }

    @Test func theRestingThreadReadsAgainWhenNobodyCallsOrSomethingComes() {
        var role = resting()
        let ticks = (1...ReadingRole.longestRest).map { _ in role.resume(hasBytes: false) }
        #expect(ticks == [false, true])
        role = resting()
        let first = role.resume(hasBytes: true)
        #expect(first)
        // Calls in between keep it resting.
        role = resting()
        for _ in 0..<20 {
            _ = role.takeForCaller()
            _ = role.giveBack(isAwaited: false)
            let resumes = role.resume(hasBytes: false)
            #expect(!resumes)
        }
    }

    /// In a thousand random runs somebody reads whenever anyone waits.
    @Test func someoneReadsWheneverAnyoneWaits() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            var role = ReadingRole()
            var waiting = 0
            for _ in 0..<50 {
                switch Int.random(in: 0..<5, using: &generator) {
                case 0:
                    waiting += 1
                    _ = role.needed()
                case 1 where role.holder == .caller: _ = role.giveBack(isAwaited: waiting > 0)
                case 2 where waiting > 0 && role.holder != .nobody: waiting -= 1
                case 3 where role.holder == .thread: _ = role.rest(isAwaited: waiting > 0)
                case 4: _ = role.takeForCaller()
                default: _ = role.resume(hasBytes: false)
                }
                #expect(waiting == 0 || role.holder != .nobody)
            }
        }
    }
}
