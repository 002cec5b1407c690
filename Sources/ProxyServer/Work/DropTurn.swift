import ProxyWire

/// Dropping objects that a client no longer uses: with a thread of its own, because that may run code of the user's.
final class DropTurn: Work, @unchecked Sendable {
    /// Nil: all that the session has, which has ended.
    private let drops: ObjectDrops?

    init(_ drops: ObjectDrops?, of session: UInt64) {
        self.drops = drops
        super.init(key: CallKey(session: session, call: 0))
    }

    override var target: String { "(dropping objects)" }

    override func perform(on thread: any InterpreterThread, number: Int) {
        guard begin(on: thread, number: number) else { return }
        thread.drop(drops, of: key.session)
        _ = end()
    }
}
