import Foundation
import ProxyTransport
import ProxyWire
import Testing

@testable import ProxyServer

/// The server over a real socket, with a fake interpreter.
@Suite(.timeLimit(.minutes(1)))
struct ServerTests {
    /// Answers "wait" when the gate opens, and everything else at once.
    private final class Gate: Sendable {
        private let state = ConditionMutex((entered: 0, isOpen: false))

        var interpreter: FakeInterpreter {
            FakeInterpreter { [state] target, reply in
                if target == "wait" {
                    state.signal { $0.entered += 1 }
                    state.wait { $0.isOpen ? () : nil }
                }
                CBORWriter(reply).text(target)
                return .reply
            }
        }

        func waitUntilEntered(_ count: Int) { state.wait { $0.entered >= count ? () : nil } }
        func open() { state.signal { $0.isOpen = true } }
    }

    private func withServer(_ body: (ServerFixture, Gate) throws -> Void) throws {
        let gate = Gate()
        try ServerFixture.run(gate.interpreter) { fixture in
            defer { gate.open() }
            try body(fixture, gate)
        }
    }

    @Test func aPingIsAnsweredWhileACallRuns() throws {
        try withServer { server, gate in
            let client = try server.welcomed()
            client.call("wait", id: 1)
            gate.waitUntilEntered(1)
            client.send(.ping, id: 2)
            let pong = try client.next()
            #expect(pong?.kind == .pong)
            #expect(pong?.callID == 2)
            gate.open()
            #expect(try client.next()?.callID == 1)
        }
    }

    @Test func manyCallsOfOneConnectionRunAtTheSameTime() throws {
        try withServer { server, gate in
            let client = try server.welcomed()
            for id in 1...10 { client.call("wait", id: UInt64(id)) }
            gate.waitUntilEntered(10)
            gate.open()
            let ids = try (1...10).map { _ in try client.next()?.callID }
            #expect(Set(ids) == Set((1...10).map { UInt64($0) }))
        }
    }

    @Test func aCallOfAnotherClientDoesNotWaitForALongOne() throws {
        try withServer { server, gate in
            let (first, second) = (try server.welcomed(), try server.welcomed())
            first.call("wait", id: 1)
            gate.waitUntilEntered(1)
            second.call("quick", id: 1)
            #expect(try second.next()?.kind == .reply)
        }
    }

    @Test func aClientThatLeavesDuringACallHarmsNobody() throws {
        try withServer { server, gate in
            let leaving = try server.welcomed()
            leaving.call("wait", id: 1)
            gate.waitUntilEntered(1)
            leaving.channel.close()
            gate.open()
            let client = try server.welcomed()
            client.call("quick", id: 1)
            #expect(try client.next()?.kind == .reply)
        }
    }

    /// What a peer may send that is not the protocol, after a proper hello or before one.
    static let violations: [(name: String, afterHello: Bool, bytes: [UInt8])] = [
        ("text instead of frames", false, Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)),
        ("a call before the hello", false, [UInt8](repeating: 0, count: 16) + [16] + zeros(7)),
        ("a hello without content", false, [UInt8](repeating: 0, count: 16) + [1] + zeros(7)),
        ("a hello of 4 GB", false, zeros(3) + [1, 0, 0, 0, 0] + zeros(8) + [1] + zeros(7)),
        ("an unknown kind", true, zeros(16) + [77] + zeros(7)),
        ("a frame that only servers send", true, zeros(16) + [18] + zeros(7)),
        ("a second hello", true, zeros(16) + [1] + zeros(7)),
        ("a frame longer than allowed", true, [255] + zeros(7) + zeros(8) + [16] + zeros(7)),
        ("reserved bytes that are not zero", true, zeros(16) + [16, 1] + zeros(6)),
    ]
    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    @Test(arguments: violations)
    func aViolationClosesThatConnectionOnly(
        name: String, afterHello: Bool, bytes: [UInt8]
    ) throws {
        try withServer { server, _ in
            let good = try server.welcomed()
            let bad = afterHello ? try server.welcomed() : try server.connect()
            bytes.withUnsafeBytes { writeAll(bad.channel.number, $0) }
            let closing = try bad.closing()
            #expect(closing?.reason == .protocolViolation)
            #expect(closing?.message.isEmpty == false)
            #expect(try bad.next() == nil)
            good.call("quick", id: 1)
            #expect(try good.next()?.kind == .reply)
        }
    }

    @Test func aMalformedCallIsRejectedAndTheConnectionStays() throws {
        try withServer { server, _ in
            let client = try server.welcomed()
            client.send(.call, id: 1)
            #expect(try client.next()?.kind == .rejection)
            client.call("quick", id: 2)
            #expect(try client.next()?.kind == .reply)
        }
    }

    @Test func aServerOfAnotherIdentityRefusesAndSaysWhatDiffers() throws {
        try withServer { server, _ in
            var other = server.identity
            other.service = "tools"
            let client = try server.connect()
            client.channel.send(Hello(client: "t", identity: other, limits: Limits()).frame())
            let closing = try client.closing()
            #expect(closing?.reason == .identity)
            #expect(closing?.message.contains("service") == true)
        }
    }

    @Test func anotherVersionOfTheProtocolIsRefused() throws {
        try withServer { server, _ in
            let client = try server.connect()
            client.channel.send(
                Hello(protocolVersion: 99, client: "t", identity: nil, limits: Limits()).frame())
            #expect(try client.closing()?.reason == .version)
        }
    }

    @Test func aCallThatHasNotBegunCanBeCancelled() throws {
        let gate = Gate()
        let interpreter = gate.interpreter
        try ServerFixture.run(interpreter, { $0.maximumConcurrentCalls = 64 }) { server in
            defer { gate.open() }
            let client = try server.welcomed()
            // As many as may run, so that the next one waits.
            for id in 1...64 { client.call("wait", id: UInt64(id)) }
            gate.waitUntilEntered(64)
            client.call("quick", id: 100)
            client.send(.cancel, id: 100)
            let answer = try client.next()
            #expect(answer?.callID == 100)
            #expect(answer?.kind == .rejection)
        }
    }

    @Test func aBigReplyToASlowReaderHoldsUpNobodyElse() throws {
        let interpreter = FakeInterpreter { target, reply in
            let writer = CBORWriter(reply)
            if target == "big" {
                memset(writer.bytes(count: 50 << 20), 7, 50 << 20)
            } else {
                writer.null()
            }
            return .reply
        }
        try ServerFixture.run(interpreter) { server in
            let (slow, quick) = (try server.welcomed(), try server.welcomed())
            slow.channel.open(
                accepting: Limits(frameLength: 1 << 30, segmentLength: 0), sending: Limits(),
                isolatesWrites: false)
            slow.call("big", id: 1)
            for id in 1...100 {
                quick.call("quick", id: UInt64(id))
                #expect(try quick.next()?.callID == UInt64(id))
            }
            #expect(try slow.next()?.content.count == 5 + (50 << 20))
        }
    }

    @Test func theServerEndsWithItsOwner() throws {
        try withServer { _, _ in }
        // `ServerFixture.run` returns only when the server has ended.
    }
}
