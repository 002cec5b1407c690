import ProxyWire

/// Dropping objects that a client no longer uses: with a thread of its own, because that may run code of the user's.
///
/// Many are dropped in several turns, the later ones when no client wants anything, so that calls need not wait for all
/// of them.
final class DropTurn: Work, @unchecked Sendable {
    private let session: Session
    private unowned let server: Server
    /// Nil: all that the session has, which has ended; also what it has entered is left.
    private let drops: ArraySlice<ObjectDrops.Drop>?
    private let byteCount: Int
    /// Whether the next call of the session waits for it.
    private let holdsUpCalls: Bool

    /// For how long others may wait, in nanoseconds.
    private static let shortTime: UInt64 = 20_000
    /// For how long the calls of the same client may.
    private static let longTime: UInt64 = 1_000_000

    /// - Parameter byteCount: of the frame. It counts like a call, so that a client cannot send drops without end.
    convenience init(_ drops: ObjectDrops, of session: Session, byteCount: Int, server: Server) {
        session.called(byteCount: byteCount)
        self.init(drops.drops[...], of: session, byteCount: byteCount, server: server)
    }

    /// For a session that has ended.
    convenience init(allOf session: Session, server: Server) {
        self.init(nil, of: session, byteCount: 0, server: server)
    }

    private init(
        _ drops: ArraySlice<ObjectDrops.Drop>?, of session: Session, byteCount: Int,
        server: Server, holdsUpCalls: Bool = false
    ) {
        self.holdsUpCalls = holdsUpCalls
        self.session = session
        self.drops = drops
        self.byteCount = byteCount
        self.server = server
        super.init(key: CallKey(session: session.id, call: 0))
    }

    /// How many objects there are to drop; 0 if that is not known.
    var count: Int { drops?.count ?? 0 }

    /// The same in one longer turn.
    func holdingUpCalls() -> DropTurn {
        DropTurn(drops, of: session, byteCount: byteCount, server: server, holdsUpCalls: true)
    }

    override var target: String {
        drops == nil ? "(cleaning up after a client)" : "(dropping objects)"
    }

    override func perform(on thread: any InterpreterThread, number: Int) {
        guard begin(on: thread, number: number) else { return }
        if drops == nil {
            thread.leaveContexts(of: session.id, as: key)
        }
        let rest = thread.drop(
            drops ?? thread.dropsOfEnded(session.id)[...], of: session.id,
            nanoseconds: holdsUpCalls ? Self.longTime : Self.shortTime)
        _ = end()
        if rest.isEmpty {
            if byteCount > 0 { session.answered(byteCount: byteCount) }
        } else {
            server.doWhenIdle(
                DropTurn(rest, of: session, byteCount: byteCount, server: server))
        }
    }
}
