import ProxyTransport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which signal interrupts the call of the main thread, see `interruption.py`.
struct InterruptSignals {
    /// The server's own.
    var own: Int32
    /// User code handles SIGINT.
    var isSIGINTHandled: Bool

    /// User code that handles SIGINT has so long to do what it does, in nanoseconds.
    private static let patience: UInt64 = 100_000_000

    private static let state = ConditionMutex(InterruptSignals(own: SIGINT, isSIGINTHandled: false))

    static var current: InterruptSignals {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    /// The signal for an attempt; nil if there is none to send now.
    ///
    /// - Parameter start: when the interruption was first attempted; nil: it is now.
    func signal(firstAttempt start: UInt64?, now: UInt64) -> Int32? {
        guard isSIGINTHandled else { return own }
        guard let start else { return SIGINT }
        return now < start + Self.patience ? nil : own
    }
}
