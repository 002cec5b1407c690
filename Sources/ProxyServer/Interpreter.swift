import ProxyWire

/// What the server needs of an interpreter: it turns the bytes of a request into those of a
/// reply.
///
/// The server knows nothing else about Python; its tests use an interpreter made of Swift closures. It is no
/// generic parameter: looking up the metadata of generic types took a tenth of the server's time for a call.
package protocol Interpreter: Sendable {
    /// For the handshake.
    var version: String { get }

    /// Makes the current thread able to run calls.
    func attachCurrentThread() -> any InterpreterThread

    /// A session has ended: nothing is kept for its next call. On any thread.
    func forget(_ session: UInt64)

    /// How many objects clients have, those of which there are most first. On any thread, without the GIL.
    func objectCounts() -> [ObjectCount]

    /// What Python code all threads are running, for people, without the GIL, for when someone holds it and does
    /// not let go.
    func emergencyStacks() -> String
}

/// A thread of the server's that can run calls. Used on that thread, unless said otherwise.
package protocol InterpreterThread: AnyObject, Sendable {
    /// The number by which Python knows the thread. On any thread.
    var identifier: UInt64 { get }

    /// Performs a call and answers it, once, now or later; it does not fail otherwise.
    func perform(_ call: any CallIO)

    /// Takes changed files over into the interpreter, while no call runs.
    ///
    /// - Parameters:
    ///   - paths: the files and folders that may have changed; the empty path stands for all.
    ///   - everything: whether to load all modules again, changed or not.
    /// - Returns: nil if nothing had changed.
    func reload(_ paths: [String], everything: Bool, as key: CallKey) -> ReloadOutcome?

    /// Tries to raise an exception in a call that another thread runs; may wait for the GIL.
    ///
    /// - Returns: true if the exception is on its way; false to be asked again, unless the call has ended.
    func interrupt(_ key: CallKey, on other: any InterpreterThread) -> Bool

    /// What Python code each thread is running, by its number, the innermost frame first. May wait for
    /// the GIL.
    func stacks() -> [UInt64: [String]]

    /// Leaves the context managers of a session whose client has left, but for those in which calls still run.
    ///
    /// - Parameter key: by which it can be interrupted.
    func leaveContexts(of session: UInt64, as key: CallKey)

    /// Leaves the context managers of all sessions, because the server ends.
    ///
    /// - Parameter milliseconds: for so long calls are waited for that still run in them.
    func leaveAllContexts(milliseconds: Int)

    /// What is to be dropped of a session that has ended.
    func dropsOfEnded(_ session: UInt64) -> [ObjectDrops.Drop]

    /// Drops objects that a client no longer uses.
    ///
    /// - Parameter nanoseconds: about how long it may take.
    /// - Returns: those that are left.
    func drop(
        _ drops: ArraySlice<ObjectDrops.Drop>, of session: UInt64, nanoseconds: UInt64
    ) -> ArraySlice<ObjectDrops.Drop>
}
