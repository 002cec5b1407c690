/// Notices that a server crashes again and again, and prescribes pauses: a state machine without clocks.
///
/// Crashes count as a row until a call is answered.
struct CrashHistory {
    /// So many crashes in a row may happen before there is a pause.
    private static let tolerated = 5
    private static let longestPause = 60

    private var count = 0
    // Not its identity: the next connection may be where it was in memory.
    private weak var lastConnection: AnyObject?
    private var lastError: ProxyError?
    private var resumption: ContinuousClock.Instant?

    /// A call was answered, or the user wants to start anew.
    mutating func answered() {
        guard count > 0 else { return }
        self = CrashHistory()
    }

    /// The server at the other end of a connection has crashed; each connection counts once.
    mutating func crashed(
        _ connection: AnyObject, with error: ProxyError, at now: ContinuousClock.Instant
    ) {
        guard lastConnection !== connection else { return }
        lastConnection = connection
        lastError = error
        count += 1
        guard count >= Self.tolerated else { return }
        let seconds = min(1 << min(count - Self.tolerated, 10), Self.longestPause)
        resumption = now + .seconds(seconds)
    }

    /// What to tell a call that comes during a pause.
    func refusal(at now: ContinuousClock.Instant) -> ProxyError? {
        guard let resumption, resumption > now else { return nil }
        let seconds = Int(((resumption - now) / .seconds(1)).rounded(.up))
        return .serverUnavailable(
            "the server has crashed \(count) times in a row without answering a call; none is started "
                + "for the next \(seconds) s, unless startServer() is called. The last time: "
                + (lastError.map { "\($0)" } ?? "unknown"))
    }
}
