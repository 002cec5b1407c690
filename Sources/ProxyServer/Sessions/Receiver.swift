import ProxyTransport
import ProxyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Waits for clients, for their requests, and for the end of the owner.
///
/// SAFETY (`@unchecked Sendable`): `receive` is called only by the thread that holds the reading role,
/// and the role is handed on through the dispatcher's mutex.
final class Receiver: @unchecked Sendable {
    enum Event: ~Copyable {
        case connected(Descriptor)
        case frame(InboundFrame, Session)
        /// The bytes of a client are not frames.
        case violated(Session, WireError)
        case disconnected(Session)
        /// A client has connected and not said in time what it wants.
        case overdue(Session)
        /// Nobody has been connected for the time that was set.
        case idle
        /// The process that owns this server is gone.
        case ownerGone
        /// A signal asks the server to end.
        case signalled
        /// Files that are watched have begun to change.
        case filesChange
        /// They have not changed for a moment: these are the ones that did.
        case filesChanged(Set<String>)
    }

    private let listener: Listener
    private let wake: PipeEnds
    private let owner: Descriptor?
    private var sessions: [Session] = []
    private var polled: [pollfd] = []
    /// The descriptors before those of the sessions.
    private var fixedCount = 0
    private var spin = AdaptiveSpin()
    /// The session whose requests have lately come quickly.
    private var active: Session?
    private var looksSincePoll = 0
    /// Those who have not been welcomed, with the time by which they must be.
    private var newcomers: [(session: Session, deadline: UInt64)] = []
    private let idleNanoseconds: UInt64?
    /// Since when nobody is connected.
    private var idleSince: UInt64 = AdaptiveSpin.now
    private let watcher: DirectoryWatcher?
    private var burst: ChangeBurst?

    /// After so many requests that looking has found, all clients get their turn.
    private static let looksBeforePoll = 16
    /// Anyone may connect to a TCP port: who does not say anything is sent away, and there are not many.
    private static let greetingNanoseconds: UInt64 = 10_000_000_000
    private static let maximumNewcomers = 256

    /// - Parameters:
    ///   - owner: reaches its end when the server's owner is gone.
    ///   - idleMilliseconds: after which `idle` happens; nil: never.
    ///   - watcher: of files; nil if none are watched.
    init(
        listener: Listener, owner: consuming Descriptor?, idleMilliseconds: Int?,
        watcher: DirectoryWatcher?
    ) throws(SystemError) {
        self.watcher = watcher
        idleNanoseconds = idleMilliseconds.map {
            UInt64(min(max($0, 0), 1_000_000_000_000)) * 1_000_000
        }
        self.listener = listener
        self.wake = try PipeEnds()
        self.owner = owner
        rebuild()
    }

    /// Lets the thread that waits come back, so that it sees that the server ends.
    func wakeUp() {
        var byte: UInt8 = 1
        _ = write(wake.writing.number, &byte, 1)
    }

    /// A zero written here asks the server to end.
    var signalDescriptor: Int32 { wake.writing.number }

    /// Waits for frames of a client that has just connected.
    func add(_ session: Session) {
        sessions.append(session)
        newcomers.append((session, AdaptiveSpin.now + Self.greetingNanoseconds))
        rebuild()
    }

    /// The client has been welcomed.
    func hasOpened(_ session: Session) {
        newcomers.removeAll { $0.session === session }
        rebuild()
    }

    func remove(_ session: Session) {
        if active === session { active = nil }
        sessions.removeAll { $0 === session }
        newcomers.removeAll { $0.session === session }
        if sessions.isEmpty { idleSince = AdaptiveSpin.now }
        rebuild()
    }

    /// Waits, then passes on what has happened.
    func receive(_ body: (consuming Event) -> Void) {
        let start = AdaptiveSpin.now
        if look(body) {
            let now = AdaptiveSpin.now
            spin.waited(nanoseconds: now - start)
            // Who has saved a file before calling gets the new code.
            if watcher != nil, active?.sequence.mayFollowASave(at: now) == true {
                lookForChanges(body)
            }
            return
        }
        defer { spin.waited(nanoseconds: AdaptiveSpin.now - start) }
        let timeout = milliseconds(until: nextDeadline)
        guard
            let count = retryingInterruptions({ poll(&polled, nfds_t(polled.count), timeout) })
        else { return }
        defer { deadlinePassed(body) }
        if count == 0 { return }
        // The set changes while events are passed on.
        let (ready, sessions) = (polled, sessions)
        for (index, session) in sessions.enumerated()
        where ready[fixedCount + index].revents != 0 {
            active = session
            receive(from: session, body)
        }
        if ready[0].revents != 0 { acceptAll(body) }
        if ready[1].revents != 0 { drainWake(body) }
        // After the calls have come, for the same reason.
        lookForChanges(body)
        if hasOwner, ready[2].revents != 0 { body(.ownerGone) }
    }

    /// Looks for the next request of the active session, if that is worthwhile.
    ///
    /// - Returns: whether something has come.
    private func look(_ body: (consuming Event) -> Void) -> Bool {
        guard spin.isWorthwhile, let active, burst == nil, looksSincePoll < Self.looksBeforePoll
        else {
            looksSincePoll = 0
            return false
        }
        looksSincePoll += 1
        return AdaptiveSpin.look { receive(from: active, body) }
    }

    /// - Returns: whether something has happened.
    @discardableResult
    private func receive(from session: Session, _ body: (consuming Event) -> Void) -> Bool {
        var hasHappened = false
        var callCount = 0
        defer { if watcher != nil { session.sequence.arrived(callCount) } }
        do {
            let isOpen = try session.channel.receiveAvailable {
                hasHappened = true
                if $0.kind == .call { callCount += 1 }
                body(.frame($0, session))
            }
            if isOpen { return hasHappened }
            body(.disconnected(session))
        } catch let error as WireError {
            body(.violated(session, error))
        } catch {
            body(.disconnected(session))
        }
        return true
    }

    // MARK: Files

    private func lookForChanges(_ body: (consuming Event) -> Void) {
        guard let watcher, watcher.hasChanges else { return }
        let (paths, isIncomplete) = watcher.changes()
        if paths.isEmpty { return }
        let now = AdaptiveSpin.now
        let isFirst = burst == nil
        var burst = burst ?? ChangeBurst(at: now)
        burst.add(paths, isIncomplete: isIncomplete, at: now)
        self.burst = burst
        if isFirst { body(.filesChange) }
    }

    // MARK: Time

    /// When something happens although nothing comes; nil: never.
    private var nextDeadline: UInt64? {
        guard let burst else { return nextDeadlineOfClients }
        return min(burst.deadline, nextDeadlineOfClients ?? .max)
    }

    private var nextDeadlineOfClients: UInt64? {
        if let first = newcomers.first { return first.deadline }
        guard sessions.isEmpty, let idleNanoseconds else { return nil }
        return idleSince + idleNanoseconds
    }

    private func milliseconds(until deadline: UInt64?) -> Int32 {
        guard let deadline else { return -1 }
        let now = AdaptiveSpin.now
        return deadline > now ? Int32(clamping: (deadline - now) / 1_000_000 + 1) : 0
    }

    private func deadlinePassed(_ body: (consuming Event) -> Void) {
        let now = AdaptiveSpin.now
        if burst?.isOver(at: now) == true, let paths = burst?.paths {
            burst = nil
            body(.filesChanged(paths))
        }
        if sessions.isEmpty {
            if let deadline = nextDeadlineOfClients, deadline <= now { body(.idle) }
            return
        }
        guard let first = newcomers.first, first.deadline <= now else { return }
        for newcomer in newcomers where newcomer.deadline <= now {
            body(.overdue(newcomer.session))
        }
    }

    private func acceptAll(_ body: (consuming Event) -> Void) {
        do {
            while newcomers.count < Self.maximumNewcomers,
                let connection = try listener.accept()
            { body(.connected(connection)) }
        } catch {
            // Out of descriptors, say. Those that are connected go on; the next is accepted when one of
            // them has left. Until then the listener, which stays ready, must not be asked about.
            polled[0].fd = -1
        }
    }

    private func drainWake(_ body: (consuming Event) -> Void) {
        var byte: UInt8 = 0
        if read(wake.reading.number, &byte, 1) == 1, byte == 0 { body(.signalled) }
    }

    private func rebuild() {
        var numbers = [listener.number, wake.reading.number]
        if let owner = ownerNumber { numbers.append(owner) }
        if let watcher { numbers.append(watcher.number) }
        fixedCount = numbers.count
        numbers += sessions.map(\.channel.number)
        polled = numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // Those that wait longer are accepted when some of these have said what they want.
        if newcomers.count >= Self.maximumNewcomers { polled[0].fd = -1 }
    }

    var hasOwner: Bool { ownerNumber != nil }

    private var ownerNumber: Int32? {
        switch owner {
        case .some(let descriptor): descriptor.number
        case nil: nil
        }
    }
}
