import ProxyWire

/// What the server needs of an interpreter: it turns the bytes of a request into those of a
/// reply.
///
/// The server knows nothing else about Python; its tests use an interpreter made of Swift closures.
package protocol Interpreter: Sendable {
    /// What a thread needs to run calls.
    associatedtype ThreadState: Sendable

    /// For the handshake.
    var version: String { get }

    /// Makes the current thread able to run calls.
    func attachCurrentThread() -> ThreadState

    /// Performs the call in `frame` and passes the sealed reply to `answer`, once; it does not fail
    /// otherwise. `lender` gives memory for what is long in the reply; `answer` does not wait.
    func perform(
        _ frame: InboundFrame, on thread: ThreadState, accepting: Limits, sending: Limits,
        lender: (any SegmentLender)?, answer: (FrameBuffer) -> Void
    )
}
