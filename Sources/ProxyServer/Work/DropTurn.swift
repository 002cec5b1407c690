import ProxyWire

/// Dropping objects that a client no longer uses: with a thread of its own, because that may run code of the user's.
final class DropTurn: Work, @unchecked Sendable {
    private let session: Session
    /// Nil: all that the session has, which has ended.
    private let drops: ObjectDrops?
    private let byteCount: Int

    /// - Parameter byteCount: of the frame. It counts like a call, so that a client cannot send drops without end.
    init(_ drops: ObjectDrops, of session: Session, byteCount: Int) {
        self.session = session
        self.drops = drops
        self.byteCount = byteCount
        session.called(byteCount: byteCount)
        super.init(key: CallKey(session: session.id, call: 0))
    }

    init(allOf session: Session) {
        self.session = session
        drops = nil
        byteCount = 0
        super.init(key: CallKey(session: session.id, call: 0))
    }

    override var target: String { "(dropping objects)" }

    override func perform(on thread: any InterpreterThread, number: Int) {
        guard begin(on: thread, number: number) else { return }
        thread.drop(drops, of: key.session)
        if drops != nil { session.answered(byteCount: byteCount) }
        _ = end()
    }
}
