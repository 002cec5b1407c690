/// A call on its way through the server: what was asked, and where the answer goes.
///
/// The interpreter gets it, and may keep it until it has answered. Any thread may use it.
package protocol CallIO: AnyObject, Sendable {
    /// Names the call among those of all clients; what it prints goes with that, also on threads and tasks that
    /// it starts.
    var key: CallKey { get }
    /// The request.
    var frame: InboundFrame { get }
    /// The limits for the arguments.
    var accepting: Limits { get }
    /// The limits for the result.
    var sending: Limits { get }
    /// Gives memory for what is long in the result.
    var lender: (any SegmentLender)? { get }
    /// Why no more calls of the session come; nil: they may.
    var endOfSession: SessionEnd? { get }

    /// Sends the sealed answer. Once: what comes after the first one is dropped. Does not wait.
    func answer(_ frame: FrameBuffer)
}
