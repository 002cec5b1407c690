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
    ///
    /// - Parameter key: goes with what the call prints, also on threads and tasks that it starts.
    func perform(
        _ frame: InboundFrame, as key: CallKey, on thread: ThreadState, accepting: Limits,
        sending: Limits, lender: (any SegmentLender)?, answer: (FrameBuffer) -> Void
    )

    /// Takes changed files over into the interpreter, while no call runs.
    ///
    /// - Parameters:
    ///   - paths: the files and folders that may have changed; the empty path stands for all.
    ///   - everything: whether to load all modules again, changed or not.
    /// - Returns: nil if nothing had changed.
    func reload(
        _ paths: [String], everything: Bool, as key: CallKey, on thread: ThreadState
    ) -> ReloadOutcome?

    /// Tries to raise an exception in a call; called on a thread whose own state is `own`, and may wait for
    /// the GIL.
    ///
    /// - Returns: true if the exception is on its way; false to be asked again, unless the call has ended.
    func interrupt(_ key: CallKey, on thread: ThreadState, from own: ThreadState) -> Bool

    /// The number by which Python knows a thread.
    func identifier(of thread: ThreadState) -> UInt64

    /// What Python code each thread is running, by its number, the innermost frame first. May wait for
    /// the GIL.
    func stacks(from own: ThreadState) -> [UInt64: [String]]

    /// The same for people, without the GIL, for when someone holds it and does not let go.
    func emergencyStacks() -> String
}
