import ProxyWire

/// What a session does with each frame, before and after the handshake: a state machine without I/O.
struct Handshake {
    /// Transitions: `expectingHello` becomes `open` or `closed`; `open` becomes `closed`.
    private enum State {
        /// Nothing but a hello is accepted, and only a short one.
        case expectingHello
        /// Accepting calls whose results are bounded by what the client accepts.
        case open(sending: Limits)
        /// Everything is ignored.
        case closed
    }

    enum Action: Equatable {
        /// Accept the client, which accepts what `sending` says.
        case welcome(Welcome, sending: Limits)
        /// End the session, with a refusal or a goodbye.
        case end(Closing, FrameKind)
        /// Perform the call in the frame.
        case call(sending: Limits)
        case cancel(callID: UInt64, Cancellation)
        case pong(callID: UInt64)
        case stopServer
        case report(callID: UInt64)
        case interrupt(callID: UInt64, Interruption)
        case observe
        case reload(callID: UInt64, ReloadRequest)
        case drop(ObjectDrops)
        case ignore
    }

    private var state = State.expectingHello
    private let identity: ServerIdentity
    private let welcome: Welcome
    private let token: Token?
    /// Who the client says that it is.
    private(set) var clientName = ""
    private(set) var role = ClientRole.scoped
    /// The call that has come last; 0 if none has.
    private(set) var lastCall: UInt64 = 0

    /// - Parameters:
    ///   - identity: of this server.
    ///   - welcome: what a client that means this server is told.
    ///   - token: what a client must know; nil if being connected is proof enough.
    init(identity: ServerIdentity, welcome: Welcome, token: Token? = nil) {
        self.identity = identity
        self.welcome = welcome
        self.token = token
    }

    var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    mutating func received(_ frame: InboundFrame) -> Action {
        switch state {
        case .closed: .ignore
        case .expectingHello: greet(frame)
        case .open(let sending): serve(frame, sending)
        }
    }

    private mutating func greet(_ frame: InboundFrame) -> Action {
        guard frame.kind == .hello else {
            return violated("a \(frame.kind) frame before the hello")
        }
        let hello: Hello
        do {
            hello = try frame.read(limits: welcome.limits) { try Hello(from: &$0) }
        } catch {
            return violated("the hello is malformed: \(error)")
        }
        guard hello.protocolVersion == ProtocolVersion.current else {
            return refuse(
                .version,
                "this server speaks version \(ProtocolVersion.current) of the protocol, the client "
                    + "version \(hello.protocolVersion)")
        }
        // Before anything about this server is told.
        if let token, !token.accepts(hello.token) {
            return refuse(
                .token, "the token is not that of this server; read it from the server's token file"
            )
        }
        let differences = hello.identity.map { identity.differences(from: $0) } ?? []
        guard differences.isEmpty else {
            return refuse(
                .identity, "this server is another one: " + differences.joined(separator: "; "))
        }
        let sending = welcome.limits.bounded(by: hello.limits)
        state = .open(sending: sending)
        clientName = hello.client
        role = hello.role
        return .welcome(welcome, sending: sending)
    }

    private mutating func serve(_ frame: InboundFrame, _ sending: Limits) -> Action {
        switch frame.kind {
        case .call:
            guard frame.callID < CallKey.limit else {
                return violated("a call id of more than \(CallKey.callBits) bits")
            }
            guard frame.callID > lastCall else {
                return violated("call \(frame.callID) after call \(lastCall): ids must increase")
            }
            lastCall = frame.callID
            return .call(sending: sending)
        case .cancel:
            return read(frame) { .cancel(callID: frame.callID, try Cancellation(from: &$0)) }
        case .status: return .report(callID: frame.callID)
        case .interrupt:
            return read(frame) { .interrupt(callID: frame.callID, try Interruption(from: &$0)) }
        case .observe: return .observe
        case .reload:
            return read(frame) { .reload(callID: frame.callID, try ReloadRequest(from: &$0)) }
        case .drop: return read(frame) { .drop(try ObjectDrops(from: &$0)) }
        case .ping: return .pong(callID: frame.callID)
        case .shutdown: return .stopServer
        case .goodbye: return .ignore
        case .hello, .welcome, .refusal, .reply, .failure, .rejection, .pong, .output, .log,
            .reloaded, .segment, .release, .forget, .retire:
            return violated("a client does not send \(frame.kind) frames here")
        }
    }

    private mutating func read(
        _ frame: InboundFrame, _ body: (inout CBORReader) throws -> Action
    ) -> Action {
        do { return try frame.read(limits: welcome.limits, body) } catch {
            return violated("a \(frame.kind) frame is malformed: \(error)")
        }
    }

    /// A frame could not even be cut out of the stream.
    mutating func violated(_ what: String) -> Action {
        let kind: FrameKind = isOpen ? .goodbye : .refusal
        state = .closed
        return .end(Closing(.protocolViolation, what), kind)
    }

    private mutating func refuse(_ reason: Closing.Reason, _ message: String) -> Action {
        state = .closed
        return .end(Closing(reason, message), .refusal)
    }
}
