import ProxyWire

/// A request that is to be performed, with the client that wants the answer.
struct QueuedCall: Sendable {
    let session: Session
    let frame: InboundFrame
    /// What the client accepts as an answer.
    let sending: Limits

    func isCall(_ id: UInt64, of session: Session) -> Bool {
        self.session === session && frame.callID == id
    }
}
