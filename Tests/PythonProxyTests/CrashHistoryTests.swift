import Testing

@testable import PythonProxy

@Suite struct CrashHistoryTests {
    private final class Connection {}
    private static let error = ProxyError.serverCrashed(signal: 11, lastOutput: "")

    @Test func pausesBeginAfterSomeCrashesAndGrow() {
        var history = CrashHistory()
        let now = ContinuousClock.now
        var connections: [Connection] = []
        func crash() {
            connections.append(Connection())
            history.crashed(connections[connections.count - 1], with: Self.error, at: now)
        }
        for _ in 0..<4 {
            crash()
            #expect(history.refusal(at: now) == nil)
        }
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            crash()
            #expect(history.refusal(at: now + .milliseconds(seconds * 1000 - 1)) != nil)
            #expect(history.refusal(at: now + .seconds(seconds)) == nil)
        }
    }

    @Test func aConnectionCountsOnceAndAnAnswerEndsTheRow() {
        var history = CrashHistory()
        let now = ContinuousClock.now
        let connection = Connection()
        for _ in 0..<10 { history.crashed(connection, with: Self.error, at: now) }
        #expect(history.refusal(at: now) == nil)
        history.answered()
        let others = (0..<4).map { _ in Connection() }
        for other in others { history.crashed(other, with: Self.error, at: now) }
        #expect(history.refusal(at: now) == nil)
    }
}
