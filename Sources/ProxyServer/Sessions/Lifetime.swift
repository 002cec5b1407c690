import ProxyWire

/// How long a server lives without clients: a state machine without a clock.
///
/// A server lives as long as somebody needs it: it ends when its last client has left, unless a lasting one has
/// used it. Then it waits for the next one, for its idle time. One that nobody has joined ends, too.
struct Lifetime {
    /// Transitions: `expected` becomes `used` when a client comes; `used` becomes `unused` when the last one has
    /// left, and `used` again with the next.
    private enum State {
        /// Nobody has come yet.
        case expected(since: UInt64)
        case used
        case unused(since: UInt64)
    }

    private var state: State
    /// A lasting client has used the server.
    private(set) var isKept = false
    /// In nanoseconds; nil: for ever.
    private let idleTime: UInt64?
    private let firstClientTime: UInt64

    /// - Parameters:
    ///   - idleMilliseconds: for which a server that is kept waits for clients; nil: for ever.
    ///   - firstClientMilliseconds: for which a server waits for its first client.
    ///   - now: in nanoseconds.
    init(idleMilliseconds: Int?, firstClientMilliseconds: Int, now: UInt64) {
        idleTime = idleMilliseconds.map(Self.nanoseconds)
        firstClientTime = Self.nanoseconds(firstClientMilliseconds)
        state = .expected(since: now)
    }

    /// When the server ends if nobody comes; nil: while it is used, or never.
    var end: UInt64? {
        switch state {
        case .expected(let start): start + firstClientTime
        case .used: nil
        case .unused(let start): isKept ? idleTime.map { start + $0 } : start
        }
    }

    /// Somebody has been welcomed.
    mutating func joined(as role: ClientRole) {
        switch role {
        case .control: return
        case .lasting: isKept = true
        case .scoped: break
        }
        state = .used
    }

    /// Somebody has left.
    ///
    /// - Parameter remaining: the number of clients that there are still.
    mutating func left(remaining: Int, at now: UInt64) {
        guard case .used = state, remaining == 0 else { return }
        state = .unused(since: now)
    }

    /// Nobody is connected, and nobody can connect.
    mutating func becomesUnreachable(at now: UInt64) {
        isKept = false
        state = .unused(since: now)
    }

    private static func nanoseconds(_ milliseconds: Int) -> UInt64 {
        UInt64(min(max(milliseconds, 0), 1_000_000_000_000)) * 1_000_000
    }
}
