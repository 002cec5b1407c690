import CPlatform
import ProxyTransport
import ProxyWire
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Waits for clients and for their requests.
///
/// SAFETY (`@unchecked Sendable`): `receive` is called only by the thread that holds the reading role,
/// and the role is handed on through the dispatcher's mutex.
final class Receiver: @unchecked Sendable {
    enum Event: ~Copyable {
        case connected(Descriptor)
        case frame(InboundFrame, Session)
        /// A client reads its answers again.
        case resumed(Session)
        /// The bytes of a client are not frames.
        case violated(Session, WireError)
        case disconnected(Session)
        /// A client has connected and not said in time what it wants, or others have come meanwhile.
        case overdue(Session)
        /// This process has no descriptor left for what a client sends.
        case outOfDescriptors(Session)
        /// No client needs this server any more.
        case unused
        /// A signal asks the server to end.
        case signalled
        /// Files that are watched have begun to change.
        case filesChange
        /// They have not changed for a moment: these are the ones that did.
        case filesChanged(Set<String>)
    }

    private let listener: Listener
    private let wake: PipeEnds
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
    /// Changed only by the thread that holds the reading role; any thread may ask.
    let lifetime: ConditionMutex<Lifetime>
    private let watcher: DirectoryWatcher?
    private var burst: ChangeBurst?
    /// Sessions that are not read from, because too much waits for their clients, or of them.
    private var suspended: [Session] = []
    /// When those are looked at again, and how long after that the next time.
    private var nextReview: UInt64 = 0
    private var reviewDelay = Receiver.shortestReviewDelay
    /// Somebody has paused a session.
    private let isReviewDue = Atomic<Bool>(false)
    /// Until when no clients are accepted: there are no descriptors for them.
    private var acceptsAgainAt: UInt64?

    /// After so many requests that looking has found, all clients get their turn.
    private static let looksBeforePoll = 16
    /// Anyone may connect to a TCP port: who does not say anything is sent away, and there are not many.
    private static let greetingNanoseconds: UInt64 = 10_000_000_000
    private static let maximumNewcomers = 256
    private static let acceptedAtOnce = 64
    /// A peer that reads again is noticed after such a time. Nothing tells when it has received a segment.
    private static let shortestReviewDelay: UInt64 = 1_000_000
    private static let longestReviewDelay: UInt64 = 128_000_000
    private static let outOfDescriptorsDelay: UInt64 = 100_000_000

    /// - Parameters:
    ///   - lifetime: says when `unused` happens.
    ///   - watcher: of files; nil if none are watched.
    init(
        listener: Listener, lifetime: Lifetime, watcher: DirectoryWatcher?
    ) throws(SystemError) {
        self.watcher = watcher
        self.lifetime = ConditionMutex(lifetime)
        self.listener = listener
        self.wake = try PipeEnds()
        for end in [wake.reading.number, wake.writing.number] {
            _ = cplatform_set_nonblocking(end, true)
            cplatform_close_in_forked_children(end, true)
        }
        rebuild()
    }

    /// Looks soon which sessions are not to be read from for now. On any thread.
    func reviewSoon() {
        isReviewDue.store(true, ordering: .releasing)
        wakeUp()
    }

    /// The numbers of all sessions.
    var sessionIDs: [UInt64] { sessions.map(\.id) }

    /// Lets the thread that waits come back. On any thread.
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
        lifetime.withLock { $0.joined(as: session.role) }
        rebuild()
    }

    func remove(_ session: Session) {
        if active === session { active = nil }
        sessions.removeAll { $0 === session }
        newcomers.removeAll { $0.session === session }
        suspended.removeAll { $0 === session }
        let remaining = sessions.count { $0.isClient }
        lifetime.withLock { lifetime in
            lifetime.left(remaining: remaining, at: AdaptiveSpin.now)
            if sessions.isEmpty, listener.number < 0 {
                lifetime.becomesUnreachable(at: AdaptiveSpin.now)
            }
        }
        rebuild()
    }

    /// Passes on what has happened.
    ///
    /// - Parameters:
    ///   - waits: whether to wait until something has.
    ///   - longestWait: in milliseconds; nil: for ever.
    func receive(waits: Bool, longestWait: Int32? = nil, _ body: (consuming Event) -> Void) {
        let hasResumed =
            (isReviewDue.load(ordering: .acquiring) || !suspended.isEmpty) && review(body)
        let waits = waits && !hasResumed
        let start = AdaptiveSpin.now
        if waits, look(body) {
            let now = AdaptiveSpin.now
            spin.waited(nanoseconds: now - start)
            // Who has saved a file before calling gets the new code.
            if watcher != nil, active?.sequence.mayFollowASave(at: now) == true {
                lookForChanges(body)
            }
            return
        }
        defer { if waits { spin.waited(nanoseconds: AdaptiveSpin.now - start) } }
        let timeout = waits ? milliseconds(until: nextDeadline, atMost: longestWait) : 0
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
        // After the calls have come, for the same reason.
        lookForChanges(body)
        // Last, because what has come before is seen through.
        if ready[1].revents != 0 { drainWake(body) }
    }

    /// Looks for the next request of the active session, if that is worthwhile.
    ///
    /// - Returns: whether something has come.
    private func look(_ body: (consuming Event) -> Void) -> Bool {
        guard spin.isWorthwhile, let active, burst == nil, looksSincePoll < Self.looksBeforePoll,
            suspended.isEmpty
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
            if callCount > 0, session.isOverBudget { suspend(session) }
            if isOpen { return hasHappened }
            body(.disconnected(session))
        } catch let error as WireError {
            body(.violated(session, error))
        } catch let error as SystemError where error.errno == .tooManyOpenFiles {
            body(.outOfDescriptors(session))
        } catch {
            body(.disconnected(session))
        }
        return true
    }

    // MARK: Back-pressure

    /// Reads nothing more from a session for now.
    private func suspend(_ session: Session) {
        guard !suspended.contains(where: { $0 === session }) else { return }
        suspended.append(session)
        reviewDelay = Self.shortestReviewDelay
        nextReview = AdaptiveSpin.now + reviewDelay
        rebuild()
    }

    /// Looks which sessions are to be read from.
    ///
    /// - Returns: whether one is that was not before.
    private func review(_ body: (consuming Event) -> Void) -> Bool {
        if isReviewDue.exchange(false, ordering: .acquiringAndReleasing) {
            // Also one whose client has read meanwhile: it is resumed below.
            for session in sessions where session.isPaused || session.isOverBudget {
                suspend(session)
            }
        }
        let (over, within) = suspended.reduce(into: ([Session](), [Session]())) { parts, session in
            if session.isOverBudget { parts.0.append(session) } else { parts.1.append(session) }
        }
        let now = AdaptiveSpin.now
        if nextReview <= now {
            reviewDelay = min(reviewDelay * 2, Self.longestReviewDelay)
            nextReview = now + reviewDelay
        }
        guard !within.isEmpty else { return false }
        suspended = over
        rebuild()
        for session in within { body(.resumed(session)) }
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
        [
            burst?.deadline, nextDeadlineOfClients, acceptsAgainAt,
            suspended.isEmpty ? nil : nextReview,
        ].compactMap { $0 }.min()
    }

    private var nextDeadlineOfClients: UInt64? {
        // One that has come and not said yet what it wants may need the server.
        if let first = newcomers.first { return first.deadline }
        return lifetime.withLock { $0.end }
    }

    private func milliseconds(until deadline: UInt64?, atMost longest: Int32?) -> Int32 {
        guard let deadline else { return longest ?? -1 }
        let now = AdaptiveSpin.now
        let wait = deadline > now ? Int32(clamping: (deadline - now) / 1_000_000 + 1) : 0
        return min(wait, longest ?? .max)
    }

    private func deadlinePassed(_ body: (consuming Event) -> Void) {
        let now = AdaptiveSpin.now
        if let time = acceptsAgainAt, time <= now {
            acceptsAgainAt = nil
            rebuild()
        }
        if burst?.isOver(at: now) == true, let paths = burst?.paths {
            burst = nil
            body(.filesChanged(paths))
        }
        if newcomers.isEmpty {
            if let end = lifetime.withLock({ $0.end }), end <= now { body(.unused) }
            return
        }
        for newcomer in newcomers where newcomer.deadline <= now {
            body(.overdue(newcomer.session))
        }
    }

    private func acceptAll(_ body: (consuming Event) -> Void) {
        do {
            for _ in 0..<Self.acceptedAtOnce {
                guard let connection = try listener.accept() else { return }
                // Of very many that say nothing the oldest makes room: one that means it speaks at once.
                if newcomers.count >= Self.maximumNewcomers, let oldest = newcomers.first {
                    body(.overdue(oldest.session))
                }
                body(.connected(connection))
            }
        } catch {
            // Out of descriptors, say. Those that are connected go on. Until there may be some, the listener,
            // which stays ready, must not be asked about.
            acceptsAgainAt = AdaptiveSpin.now + Self.outOfDescriptorsDelay
            rebuild()
        }
    }

    private func drainWake(_ body: (consuming Event) -> Void) {
        var bytes = [UInt8](repeating: 1, count: 64)
        let count = read(wake.reading.number, &bytes, bytes.count)
        for byte in bytes.prefix(max(count, 0)) where byte == 0 { body(.signalled) }
    }

    private func rebuild() {
        var numbers = [listener.number, wake.reading.number]
        if let watcher { numbers.append(watcher.number) }
        fixedCount = numbers.count
        numbers += sessions.map(\.channel.number)
        polled = numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        if acceptsAgainAt != nil { polled[0].fd = -1 }
        if suspended.isEmpty { return }
        for (index, session) in sessions.enumerated()
        where suspended.contains(where: { $0 === session }) {
            polled[fixedCount + index].fd = -1
        }
    }
}
