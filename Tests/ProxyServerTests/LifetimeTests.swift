import ProxyWire
import Testing

@testable import ProxyServer

/// How long a server lives without clients. Times in milliseconds.
struct LifetimeTests {
    enum Event {
        case joins(ClientRole)
        case leaves(remaining: Int, at: UInt64)
        case becomesUnreachable(at: UInt64)
    }

    static let cases: [(name: String, idle: Int?, events: [Event], end: UInt64?)] = [
        ("nobody comes", 500, [], 100),
        ("somebody looks after it", 500, [.joins(.control)], 100),
        ("it is used", 500, [.joins(.scoped)], nil),
        ("the last scope ends", 500, [.joins(.scoped), .leaves(remaining: 0, at: 7)], 7),
        ("one of two scopes ends", 500, [.joins(.scoped), .leaves(remaining: 1, at: 7)], nil),
        ("a lasting client leaves", 500, [.joins(.lasting), .leaves(remaining: 0, at: 7)], 507),
        ("for ever", nil, [.joins(.lasting), .leaves(remaining: 0, at: 7)], nil),
        (
            "a lasting client leaves before a scope ends", 500,
            [
                .joins(.scoped), .joins(.lasting), .leaves(remaining: 1, at: 7),
                .leaves(remaining: 0, at: 9),
            ], 509
        ),
        (
            "a client comes again", 500,
            [.joins(.lasting), .leaves(remaining: 0, at: 7), .joins(.scoped)], nil
        ),
        (
            "somebody looks after it later", 500,
            [
                .joins(.lasting), .leaves(remaining: 0, at: 7), .joins(.control),
                .leaves(remaining: 0, at: 9),
            ], 507
        ),
        ("nobody can come", 500, [.becomesUnreachable(at: 7)], 7),
        (
            "nobody can come again", 500,
            [.joins(.lasting), .leaves(remaining: 0, at: 7), .becomesUnreachable(at: 7)], 7
        ),
    ]

    @Test(arguments: cases.map(\.name))
    func aServerEndsWhenNobodyNeedsIt(name: String) throws {
        let row = try #require(Self.cases.first { $0.name == name })
        var lifetime = Lifetime(
            idleMilliseconds: row.idle, firstClientMilliseconds: 100, now: 0)
        for event in row.events {
            switch event {
            case .joins(let role): lifetime.joined(as: role)
            case .leaves(let remaining, let time):
                lifetime.left(remaining: remaining, at: time * 1_000_000)
            case .becomesUnreachable(let time):
                lifetime.becomesUnreachable(at: time * 1_000_000)
            }
        }
        #expect(lifetime.end == row.end.map { $0 * 1_000_000 })
    }

    @Test func aServerThatNobodyJoinsEnds() throws {
        let interpreter = FakeInterpreter { _, reply in
            CBORWriter(reply).null()
            return .reply
        }
        try ServerFixture.run(interpreter, { $0.firstClientMilliseconds = 1 }) { _ in }
    }

    @Test func aServerEndsWithItsLastScopedClient() throws {
        let interpreter = FakeInterpreter { _, reply in
            CBORWriter(reply).null()
            return .reply
        }
        try ServerFixture.run(interpreter) { server in
            let (first, second) = (
                try server.welcomed(as: .scoped), try server.welcomed(as: .scoped)
            )
            first.channel.close()
            second.call("echo", id: 1)
            #expect(try second.next()?.callID == 1)
            second.channel.close()
        }
    }
}
