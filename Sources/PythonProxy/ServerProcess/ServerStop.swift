#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ends a server: first by asking, then with signals to all processes of its group.
struct ServerStop {
    /// Sends the request to end.
    let request: () -> Void
    /// Signals the server's process group.
    let signal: (Int32) -> Void
    /// Blocks until the server has ended, for so many milliseconds at most.
    let hasEnded: (_ milliseconds: Int) -> Bool

    /// How long the server may take after the request, after SIGTERM, and after SIGKILL.
    struct Patience {
        let request: Int
        let termination: Int
        let kill: Int

        /// The server has its grace period, after which it ends by itself.
        static let usual = Patience(request: 11_000, termination: 1000, kill: 4000)
        /// Nobody waits for what the server does.
        static let short = Patience(request: 300, termination: 200, kill: 4000)
    }

    /// Blocks until the server has ended.
    ///
    /// - Returns: false if it runs on all the same.
    func run(_ patience: Patience = .usual) -> Bool {
        request()
        if hasEnded(patience.request) { return true }
        signal(SIGTERM)
        if hasEnded(patience.termination) { return true }
        signal(SIGKILL)
        return hasEnded(patience.kill)
    }
}
