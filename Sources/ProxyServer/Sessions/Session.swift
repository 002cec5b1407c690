import ProxyTransport
import ProxyWire

/// The server's side of one client.
final class Session: Sendable {
    let id: UInt64
    let channel: Channel
    /// On the clock of `AdaptiveSpin.now`, in nanoseconds.
    let start = AdaptiveSpin.now
    let sequence = CallSequence()
    private let handshake: ConditionMutex<Handshake>
    private let flags = ConditionMutex(Flags())

    private struct Flags {
        var isObserver = false
        /// It has not read for so long that nobody waits for it any more.
        var isStalled = false
        var logLevel: UInt64?
    }

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

    /// Who the client says that it is, for people.
    var clientName: String { handshake.withLock { $0.clientName } }

    /// Whether the client is shown everything that the server prints.
    var isObserver: Bool {
        get { flags.withLock { $0.isObserver } }
        set { flags.withLock { $0.isObserver = newValue } }
    }

    /// The lowest level of log records that the client wants; nil for none.
    var logLevel: UInt64? {
        get { flags.withLock { $0.logLevel } }
        set { flags.withLock { $0.logLevel = newValue } }
    }

    /// Waits until fewer than `bytes` wait to be sent; not longer than `milliseconds`, and not again before
    /// the client has read.
    func waitForRoom(below bytes: Int, milliseconds: Int) {
        guard channel.backlog >= bytes else {
            flags.withLock { $0.isStalled = false }
            return
        }
        if flags.withLock({ $0.isStalled }) { return }
        if !channel.waitForBacklog(below: bytes, milliseconds: milliseconds) {
            flags.withLock { $0.isStalled = true }
        }
    }

    /// Tells the client why, and closes once that has been sent.
    func end(_ closing: Closing, as kind: FrameKind = .goodbye) {
        channel.send(closing.frame(kind))
        channel.finish()
    }
}
