import ProxyTransport
import ProxyWire
import Synchronization

/// The server's side of one client.
final class Session: Sendable {
    let id: UInt64
    let channel: Channel
    /// On the clock of `AdaptiveSpin.now`, in nanoseconds.
    let start = AdaptiveSpin.now
    let sequence = CallSequence()
    private let limits: Limits
    private let handshake: ConditionMutex<Handshake>
    private let flags = ConditionMutex(Flags())
    private let clientIsGone = Atomic(false)
    private let unansweredCalls = Atomic<Int>(0)
    private let unansweredBytes = Atomic<Int>(0)

    private struct Flags {
        var isObserver = false
        /// It has not read for so long that nobody waits for it any more.
        var isStalled = false
        var logLevel: UInt64?
        /// Its calls do not begin, because it does not read the answers.
        var isPaused = false
    }

    /// - Parameter limits: what the server accepts.
    init(id: UInt64, channel: Channel, handshake: Handshake, limits: Limits) {
        self.id = id
        self.channel = channel
        self.handshake = ConditionMutex(handshake)
        self.limits = limits
    }

    /// What a frame asks for.
    func event(for frame: InboundFrame) -> Handshake.Action {
        handshake.withLock { $0.received(frame) }
    }

    /// Whether the client has been welcomed.
    var isOpen: Bool { handshake.withLock { $0.isOpen } }

    /// Who the client says that it is, for people.
    var clientName: String { handshake.withLock { $0.clientName } }

    /// What the client wants of the server's life.
    var role: ClientRole { handshake.withLock { $0.role } }

    /// Whether it is a client of the server, and does not just look after it.
    var isClient: Bool { isOpen && role != .control }

    /// Whether the connection has ended.
    var isClientGone: Bool { clientIsGone.load(ordering: .acquiring) }
    func clientGoes() { clientIsGone.store(true, ordering: .releasing) }

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

    // MARK: Back-pressure

    /// A call has come, with so many bytes.
    func called(byteCount: Int) {
        unansweredCalls.add(1, ordering: .relaxed)
        unansweredBytes.add(byteCount, ordering: .relaxed)
    }

    func answered(byteCount: Int) {
        unansweredCalls.subtract(1, ordering: .relaxed)
        unansweredBytes.subtract(byteCount, ordering: .relaxed)
    }

    /// Whether so much waits for this client, or of it, that nothing more is read from it.
    var isOverBudget: Bool {
        unansweredCalls.load(ordering: .relaxed) >= limits.unansweredCalls
            || unansweredBytes.load(ordering: .relaxed) >= limits.unansweredBytes
            || isBehind
    }

    /// Whether the client has much still to receive.
    var isBehind: Bool { channel.isBehind(by: limits.unansweredBytes) }

    /// Whether its calls do not begin, because its client does not read the answers.
    var isPaused: Bool { flags.withLock { $0.isPaused } }

    /// - Returns: false if it was paused before.
    func pause() -> Bool {
        flags.withLock { flags in
            defer { flags.isPaused = true }
            return !flags.isPaused
        }
    }

    /// - Returns: false if it was not paused.
    func resume() -> Bool {
        flags.withLock { flags in
            defer { flags.isPaused = false }
            return flags.isPaused
        }
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

    // MARK: The end

    /// Tells the client why, and closes once that has been sent.
    func end(_ closing: Closing, as kind: FrameKind = .goodbye) {
        var closing = closing
        if kind == .goodbye { closing.lastCall = handshake.withLock { $0.lastCall } }
        channel.send(closing.frame(kind))
        channel.finish()
    }
}
