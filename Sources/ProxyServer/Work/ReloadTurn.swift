import ProxyWire

/// Taking changed files over: see `Server+Reload`.
final class ReloadTurn: Work, @unchecked Sendable {
    private unowned let server: Server

    /// It is shown, and can be interrupted, like a call of a client that there is not.
    static let key = CallKey(session: 0, call: 1)

    init(server: Server) {
        self.server = server
        super.init(key: Self.key)
    }

    override var target: String { "(reloading changed files)" }

    override func perform(on thread: any InterpreterThread, number: Int) {
        guard begin(on: thread, number: number) else { return }
        server.performReload(on: thread)
        _ = end()
    }
}
