import ProxyTransport
import ProxyWire

/// The server's side of one client.
final class Session: Sendable {
    let id: UInt64
    let channel: Channel
    private let handshake: ConditionMutex<Handshake>

    init(id: UInt64, channel: Channel, handshake: Handshake) {
        self.id = id
        self.channel = channel
        self.handshake = ConditionMutex(handshake)
    }

    /// What a frame asks for.
    func event(for frame: InboundFrame) -> Handshake.Action {
        handshake.withLock { $0.received(frame) }
    }

    /// Whether the client has been welcomed.
    var isOpen: Bool { handshake.withLock { $0.isOpen } }

    /// Tells the client why, and closes once that has been sent.
    func end(_ closing: Closing, as kind: FrameKind = .goodbye) {
        channel.send(closing.frame(kind))
        channel.finish()
    }
}
