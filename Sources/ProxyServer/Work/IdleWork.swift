import ProxyTransport

/// What can wait until no client wants anything: done in between, but not never.
struct IdleWork {
    private var waiting: [Work] = []
    /// Nothing has come since the last look.
    private(set) var isIdle = false
    private var lastTurn: UInt64 = 0

    /// Clients that always want something are kept waiting for one turn in such a time, in nanoseconds.
    private static let longestRest: UInt64 = 2_000_000

    var isEmpty: Bool { waiting.isEmpty }

    mutating func append(_ work: Work) { waiting.append(work) }

    /// What is to be done now.
    ///
    /// - Parameter isIdle: whether nothing has come for a moment; nil: that is not known.
    mutating func next(isIdle: Bool?) -> Work? {
        self.isIdle = isIdle ?? false
        guard !waiting.isEmpty else { return nil }
        let now = AdaptiveSpin.now
        guard self.isIdle || now - lastTurn >= Self.longestRest else { return nil }
        lastTurn = now
        return waiting.removeFirst()
    }
}
