import ProxyWire
import Testing

@testable import ProxyServer

/// What a session makes of each frame, without a socket.
struct HandshakeTests {
    private let identity = ServerIdentity(
        interpreter: "/v/bin/python", baseInterpreter: "/p", service: nil, path: [],
        workingDirectory: "/w", port: 1, autoreload: false, captureOutput: false, build: "b")

    private func handshake(token: Token? = nil) -> Handshake {
        Handshake(
            identity: identity,
            welcome: Welcome(processIdentifier: 1, pythonVersion: "3.11", limits: Limits()),
            token: token)
    }

    private func inbound(
        _ kind: FrameKind, id: UInt64 = 0, _ buffer: FrameBuffer = FrameBuffer()
    ) -> InboundFrame { InboundFrame(kind: kind, callID: id, buffer: buffer) }

    private func opened() -> Handshake {
        var handshake = handshake()
        _ = handshake.received(
            inbound(.hello, Hello(client: "t", identity: identity, limits: Limits()).frame()))
        return handshake
    }

    private func reason(_ action: Handshake.Action) -> Closing.Reason? {
        if case .end(let closing, _) = action { closing.reason } else { nil }
    }

    @Test func aHelloOpensTheSessionOnce() {
        var handshake = opened()
        #expect(handshake.isOpen)
        #expect(handshake.clientName == "t")
        let again = handshake.received(
            inbound(.hello, Hello(client: "t", identity: nil, limits: Limits()).frame()))
        #expect(reason(again) == .protocolViolation)
        #expect(!handshake.isOpen)
        let later = handshake.received(inbound(.ping, id: 1))
        #expect(later == .ignore)
    }

    @Test(arguments: FrameKind.allCases.filter { $0 != .hello })
    func nothingButAHelloIsAcceptedFirst(kind: FrameKind) {
        var handshake = handshake()
        let action = handshake.received(inbound(kind, id: 1))
        #expect(reason(action) == .protocolViolation)
        #expect(!handshake.isOpen)
    }

    @Test func aHelloThatMeansAnotherServerIsRefused() {
        var other = identity
        other.maximumConcurrentCalls = 1
        let hellos: [(Hello, Closing.Reason)] = [
            (Hello(client: "t", identity: other, limits: Limits()), .identity),
            (Hello(protocolVersion: 1, client: "t", identity: nil, limits: Limits()), .version),
        ]
        for (hello, expected) in hellos {
            var handshake = handshake()
            let action = handshake.received(inbound(.hello, hello.frame()))
            #expect(reason(action) == expected)
        }
        var handshake = handshake(
            token: Token(
                String(repeating: "c", count: 32) + "\n" + String(repeating: "p", count: 32)))
        let action = handshake.received(
            inbound(.hello, Hello(client: "t", identity: nil, limits: Limits()).frame()))
        #expect(reason(action) == .token)
    }

    @Test func idsOfCallsIncrease() {
        var handshake = opened()
        for id in [1, 2, 5, 100] as [UInt64] {
            let action = handshake.received(inbound(.call, id: id))
            #expect(reason(action) == nil)
            #expect(handshake.lastCall == id)
        }
        for id in [100, 3] as [UInt64] {
            var handshake = handshake
            let action = handshake.received(inbound(.call, id: id))
            #expect(reason(action) == .protocolViolation)
        }
        let tooLarge = handshake.received(inbound(.call, id: CallKey.limit))
        #expect(reason(tooLarge) == .protocolViolation)
    }

    @Test func whatIsNotACallNeedsNoNewID() {
        var handshake = opened()
        _ = handshake.received(inbound(.call, id: 9))
        let actions = [
            handshake.received(inbound(.ping, id: 1)),
            handshake.received(inbound(.cancel, id: 4)),
            handshake.received(inbound(.status, id: 2)),
        ]
        #expect(
            actions == [.pong(callID: 1), .cancel(callID: 4, Cancellation()), .report(callID: 2)])
        #expect(handshake.lastCall == 9)
    }

    @Test(
        arguments: [
            FrameKind.welcome, .refusal, .reply, .failure, .rejection, .pong, .output, .log,
            .reloaded,
            .segment, .release, .forget, .retire,
        ])
    func whatOnlyServersOrChannelsSendEndsTheSession(kind: FrameKind) {
        var handshake = opened()
        let action = handshake.received(inbound(kind, id: 1))
        #expect(reason(action) == .protocolViolation)
    }

    @Test(arguments: [FrameKind.interrupt, .reload])
    func aRequestThatCannotBeReadEndsTheSession(kind: FrameKind) {
        var handshake = opened()
        let action = handshake.received(inbound(kind, id: 1))
        #expect(reason(action) == .protocolViolation)
    }
}
