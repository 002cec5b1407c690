import ProxyWire

/// A call of a client.
final class ServedCall: Work, CallIO, @unchecked Sendable {
    let session: Session
    let frame: InboundFrame
    let sending: Limits
    private unowned let server: Server

    /// - Parameter sending: what the client accepts as an answer.
    init(_ frame: InboundFrame, of session: Session, sending: Limits, server: Server) {
        self.session = session
        self.frame = frame
        self.sending = sending
        self.server = server
        super.init(key: CallKey(session: session.id, call: frame.callID))
    }

    var accepting: Limits { server.configuration.limits }
    var lender: (any SegmentLender)? { session.channel.lender }
    var endOfSession: SessionEnd? {
        session.isClientGone ? .clientLeft : server.isStopping ? .serverEnds : nil
    }

    override func perform(on thread: any InterpreterThread, number: Int) {
        guard begin(on: thread, number: number) else {
            return server.reject([self], .cancelledEarly)
        }
        thread.perform(self)
        // The context that it has run in may be left now.
        if session.isClientGone { server.cleanUp(after: session) }
    }

    func answer(_ reply: FrameBuffer) {
        if end() { server.send(reply, answering: self) }
    }

    override var target: String { CallName.of(frame) }
}
