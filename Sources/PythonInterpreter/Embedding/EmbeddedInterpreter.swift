import CPythonABI
import ProxyWire

/// The CPython of this process, ready to perform calls.
///
/// SAFETY (`@unchecked Sendable`): `performer` is touched only with the GIL held.
package final class EmbeddedInterpreter: @unchecked Sendable {
    private let performer: CallPerformer
    private let interpreter: OpaquePointer
    /// As in "3.12.1".
    package let version: String

    init(performer: CallPerformer, interpreter: OpaquePointer, version: String) {
        self.performer = performer
        self.interpreter = interpreter
        self.version = version
    }

    /// Makes the current thread, one of our own, able to perform calls.
    package func attachCurrentThread() -> PythonThreadState {
        // NULL only when there is no memory left.
        PythonThreadState(pointer: py.PyThreadState_New(interpreter).unsafelyUnwrapped)
    }

    /// Performs the call in `frame` and passes the sealed reply to `answer`, once.
    ///
    /// - Parameters:
    ///   - thread: the state of the current thread.
    ///   - accepting: the limits for the arguments.
    ///   - sending: the limits for the result.
    ///   - lender: gives memory for what is long in the result.
    ///   - answer: called with the GIL held; must not wait.
    package func perform(
        _ frame: InboundFrame, on thread: PythonThreadState, accepting: Limits, sending: Limits,
        lender: (any SegmentLender)?, answer: (FrameBuffer) -> Void
    ) {
        thread.withGIL {
            performer.perform(
                frame, accepting: accepting, sending: sending, lender: lender, answer: answer)
        }
    }
}
