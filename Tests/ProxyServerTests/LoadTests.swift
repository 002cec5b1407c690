import Foundation
import ProxyTransport
import ProxyWire
import Testing

@testable import ProxyServer

/// A server under load, over real sockets, with a fake interpreter.
@Suite(.timeLimit(.minutes(2)))
struct LoadTests {
    /// An interpreter whose calls wait until it is opened, and that counts them.
    private final class Gate: Sendable {
        private struct State {
            var begun = 0
            var isOpen = false
        }
        private let state = ConditionMutex(State())
        private let replyLength: Int

        init(replyLength: Int = 0) { self.replyLength = replyLength }

        var interpreter: FakeInterpreter {
            FakeInterpreter { [state, replyLength] target, reply in
                if target == "quick" {
                    CBORWriter(reply).null()
                    return .reply
                }
                state.signal { $0.begun += 1 }
                if target == "wait" { state.wait { $0.isOpen ? () : nil } }
                memset(CBORWriter(reply).bytes(count: replyLength), 7, replyLength)
                return .reply
            }
        }

        var begun: Int { state.withLock { $0.begun } }
        func waitUntilBegun(_ count: Int) { state.wait { $0.begun >= count ? () : nil } }
        func open() { state.signal { $0.isOpen = true } }
    }

    private func frame(_ target: String, id: UInt64, argumentLength: Int) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        writer.array(count: 4)
        writer.unsigned(CallOperation.call.rawValue)
        writer.text(target)
        writer.array(count: 1)
        memset(writer.bytes(count: argumentLength), 1, argumentLength)
        writer.map(count: 0)
        return writer.buffer.seal(kind: .call, callID: id)
    }

    @Test func callsThatAreCancelledWhileTheyWaitDoNotRun() throws {
        let gate = Gate()
        try ServerFixture.run(gate.interpreter, { $0.maximumConcurrentCalls = 1 }) { server in
            defer { gate.open() }
            let client = try server.welcomed()
            for id in 1...1290 { client.call("wait", id: UInt64(id)) }
            gate.waitUntilBegun(1)
            for id in 2...1290 { client.send(.cancel, id: UInt64(id)) }
            var rejected: Set<UInt64> = []
            while rejected.count < 1289 {
                let answer = try #require(try client.next())
                #expect(answer.kind == .rejection)
                rejected.insert(answer.callID)
            }
            gate.open()
            #expect(try client.next()?.callID == 1)
            #expect(gate.begun == 1)
        }
    }

    @Test func aClientThatDoesNotReadHoldsUpItsOwnCallsOnly() throws {
        let gate = Gate(replyLength: 1 << 20)
        try ServerFixture.run(
            gate.interpreter,
            {
                $0.maximumConcurrentCalls = 8
                $0.limits.unansweredBytes = 16 << 20
            }
        ) { server in
            let (silent, other) = (try server.welcomed(), try server.welcomed())
            silent.channel.open(
                accepting: Limits(segmentLength: 0), sending: Limits(), isolatesWrites: false)
            for id in 1...200 { silent.call("big", id: UInt64(id)) }
            // Others are served, and meanwhile the server has stopped answering the silent one.
            for id in 1...500 {
                other.call("quick", id: UInt64(id))
                #expect(try other.next()?.callID == UInt64(id))
            }
            // What may be unread, and what ran when that was reached.
            #expect(gate.begun <= 16 + 8 + 2)
            var answered: Set<UInt64> = []
            while answered.count < 200 {
                answered.insert(try #require(try silent.next()).callID)
            }
            #expect(gate.begun == 200)
        }
    }

    @Test func aClientThatSendsMoreThanTheServerTakesIsNotRead() throws {
        let gate = Gate()
        try ServerFixture.run(
            gate.interpreter,
            {
                $0.maximumConcurrentCalls = 2
                $0.limits.unansweredBytes = 16 << 20
            }
        ) { server in
            defer { gate.open() }
            let (greedy, other) = (try server.welcomed(), try server.welcomed())
            for id in 1...100 {
                greedy.channel.send(frame("wait", id: UInt64(id), argumentLength: 1 << 20))
            }
            gate.waitUntilBegun(2)
            for id in 1...500 {
                other.call("quick", id: UInt64(id))
                #expect(try other.next()?.callID == UInt64(id))
            }
            // What the server has not read is the client's to keep, but for what sockets hold.
            #expect(greedy.channel.backlog >= (100 - 16 - 8) << 20)
            gate.open()
            var answered: Set<UInt64> = []
            while answered.count < 100 {
                answered.insert(try #require(try greedy.next()).callID)
            }
        }
    }

    @Test func clientsTakeTurns() throws {
        let order = ConditionMutex<[String]>([])
        let isOpen = ConditionMutex(false)
        let interpreter = FakeInterpreter { target, reply in
            order.signal { $0.append(target) }
            if target == "wait" { isOpen.wait { $0 ? () : nil } }
            CBORWriter(reply).null()
            return .reply
        }
        try ServerFixture.run(interpreter, { $0.maximumConcurrentCalls = 1 }) { server in
            defer { isOpen.signal { $0 = true } }
            let (first, second) = (try server.welcomed(), try server.welcomed())
            first.call("wait", id: 1)
            order.wait { $0.isEmpty ? nil : () }
            for id in 2...301 { first.call("first", id: UInt64(id)) }
            for id in 1...300 { second.call("second", id: UInt64(id)) }
            // All calls wait: the server looks at its clients in their order, and passes on what it has found of all
            // of them before it looks again.
            for client in [first, second, first] {
                client.send(.ping, id: 1000)
                #expect(try client.next()?.kind == .pong)
            }
            isOpen.signal { $0 = true }
            for _ in 1...301 { _ = try first.next() }
            for _ in 1...300 { _ = try second.next() }
            // From where both wait, each gets every other turn.
            let order = order.withLock { $0.dropFirst() }
            let start = try #require(order.firstIndex(of: "second"))
            let end = try #require(order.lastIndex(of: "first"))
            try #require(start < end)
            let shared = order[start...end]
            let firsts = shared.count { $0 == "first" }
            #expect(abs(2 * firsts - shared.count) <= 2)
        }
    }

    @Test func aThousandStatusRequestsStartNoThousandThreads() throws {
        let gate = Gate()
        try ServerFixture.run(gate.interpreter) { server in
            let before = threadCount()
            let client = try server.welcomed()
            for id in 1...1000 { client.send(.status, id: UInt64(id)) }
            for _ in 1...1000 { #expect(try client.next()?.kind == .reply) }
            // Other tests run beside this one.
            #expect(threadCount() < before + 200)
        }
    }

    private func threadCount() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
    }

    @Test func notesForAnObserverThatDoesNotReadAreDropped() throws {
        try ServerFixture.run(Gate().interpreter) { fixture in
            let observer = try fixture.welcomed()
            observer.send(.observe)
            observer.send(.ping, id: 1)
            #expect(try observer.next()?.callID == 1)
            let note = String(repeating: "n", count: 512 << 10)
            for _ in 0..<320 { fixture.server.note(note) }
            observer.send(.ping, id: 2)
            var byteCount = 0
            while let frame = try observer.next(), frame.callID != 2 {
                byteCount += frame.byteCount
            }
            #expect(byteCount >= OutputRelay.droppingBacklog)
            // And what the socket holds.
            #expect(byteCount <= OutputRelay.droppingBacklog + 8 << 20)
        }
    }

    @Test func clientsThatSayNothingShutNobodyOut() throws {
        try ServerFixture.run(Gate().interpreter) { server in
            let silent = try (0..<300).map { _ in try server.connect() }
            let speaker = try server.welcomed()
            speaker.call("quick", id: 1)
            #expect(try speaker.next()?.callID == 1)
            // The oldest have made room.
            #expect(try silent[0].closing()?.reason == .protocolViolation)
            withExtendedLifetime(silent) {}
        }
    }

    @Test func theGoodbyeNamesTheLastCallThatWasReceived() throws {
        let gate = Gate()
        try ServerFixture.run(gate.interpreter) { server in
            let (client, other) = (try server.welcomed(), try server.welcomed())
            client.call("quick", id: 7)
            #expect(try client.next()?.callID == 7)
            other.send(.shutdown)
            #expect(try client.closing()?.lastCall == 7)
        }
    }

    @Test func aReloadRunsOnTheMainThread() throws {
        let threads = ConditionMutex<[UInt64]>([])
        let isOpen = ConditionMutex(false)
        let interpreter = FakeInterpreter(reloaded: { number in
            threads.withLock { $0.append(number) }
        }) { target, reply in
            if target == "wait" { isOpen.wait { $0 ? () : nil } }
            CBORWriter(reply).null()
            return .reply
        }
        try ServerFixture.run(interpreter) { server in
            let (client, other) = (try server.welcomed(), try server.welcomed())
            // The main thread is busy for so long that another one reads.
            client.call("wait", id: 1)
            other.call("quick", id: 1)
            #expect(try other.next()?.callID == 1)
            other.channel.send(
                ReloadRequest(everything: true).frame().seal(kind: .reload, callID: 2))
            isOpen.signal { $0 = true }
            #expect(try client.next()?.callID == 1)
            #expect(try other.next()?.callID == 2)
            #expect(threads.withLock { $0 } == [0])
        }
    }
}
