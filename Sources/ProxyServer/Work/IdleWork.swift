import ProxyTransport

/// Drops of objects that can wait until no client wants anything: done in between, but not never.
struct IdleWork {
    private var waiting: [DropTurn] = []
    /// Nothing has come since the last look.
    private(set) var isIdle = false
    private var lastTurn: UInt64 = 0

    /// Clients that always want something are kept waiting for one turn in such a time, in nanoseconds.
    private static let longestRest: UInt64 = 2_000_000
    /// A client with more objects to drop than this waits for that itself.
    private static let mostDrops = 10_000

    var isEmpty: Bool { waiting.isEmpty }

    mutating func append(_ work: DropTurn) { waiting.append(work) }

    /// What is to be done now.
    ///
    /// - Parameter isIdle: whether nothing has come for a moment; nil: that is not known.
    mutating func next(isIdle: Bool?) -> DropTurn? {
        self.isIdle = isIdle ?? false
        guard !waiting.isEmpty else { return nil }
        let now = AdaptiveSpin.now
        guard self.isIdle || now - lastTurn >= Self.longestRest else { return nil }
        lastTurn = now
        return waiting.removeFirst()
    }

    /// What is to be done before the next call of a session, so that it does not make objects faster than they are
    /// dropped.
    mutating func nextBeforeCall(of session: UInt64) -> DropTurn? {
        guard
            waiting.lazy.filter({ $0.sessionID == session }).map(\.count).reduce(0, +)
                > Self.mostDrops,
            let index = waiting.firstIndex(where: { $0.sessionID == session })
        else { return nil }
        return waiting.remove(at: index).holdingUpCalls()
    }
}
