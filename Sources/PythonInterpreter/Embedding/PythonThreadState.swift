import CPlatform
import CPythonABI
import ProxyTransport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A thread's membership in the interpreter, kept for the life of the thread.
///
/// Making one for every call, as PyGILState_Ensure does, costs six times as much and loses
/// thread-local data between calls.
///
/// SAFETY (`@unchecked Sendable`): `pointer` is used only by the thread that it was made for; the rest is
/// immutable or behind a mutex.
package final class PythonThreadState: @unchecked Sendable {
    /// Whether the call that the thread performs is to be interrupted.
    private enum Interruption {
        /// No call runs, or it is past the point where it can be interrupted.
        case impossible
        case possible(UInt64)
        /// The thread has been told to look, for the first time so long ago, and will find this.
        case wanted(UInt64, since: UInt64)
        /// The exception is on its way, or has been raised. Once is enough: code may clean up.
        case delivered
    }

    private let pointer: OpaquePointer
    private let thread: pthread_t
    /// What `threading.get_ident()` returns on this thread.
    package let identifier: UInt64
    /// The process's main thread, where Python handles signals.
    let isMain: Bool
    private let interruption = ConditionMutex(Interruption.impossible)

    /// For the thread that calls this.
    init(pointer: OpaquePointer, isMain: Bool) {
        self.pointer = pointer
        self.isMain = isMain
        thread = pthread_self()
        identifier = UInt64(py.PyThread_get_thread_ident())
    }

    /// Runs `body` with the GIL held.
    @inline(__always)
    func withGIL<Result>(_ body: () -> Result) -> Result {
        py.PyEval_RestoreThread(pointer)
        let result = body()
        _ = py.PyEval_SaveThread()
        return result
    }

    /// Runs `body` without the GIL, which the thread holds.
    func withoutGIL(_ body: () -> Void) {
        _ = py.PyEval_SaveThread()
        body()
        py.PyEval_RestoreThread(pointer)
    }

    // MARK: Interruption

    /// The thread performs this call from now on.
    func begin(_ call: UInt64) {
        interruption.withLock { $0 = .possible(call) }
    }

    /// What is left of the call cannot be interrupted. With the GIL held.
    func end() {
        let wasDelivered = interruption.withLock { interruption in
            defer { interruption = .impossible }
            if case .delivered = interruption { return true }
            return false
        }
        // What has not been raised by now must not be raised in the next call.
        if wasDelivered, !isMain {
            _ = py.PyThreadState_SetAsyncExc(CUnsignedLong(identifier), nil)
        }
    }

    /// Performs what must be complete, such as leaving a context manager: no exception from outside is raised in it.
    ///
    /// - Parameter checkpoint: raises one that is on its way already.
    func uninterrupted<Result: ~Copyable>(
        checkpoint: () throws(ConversionFailure) -> Void,
        _ body: () throws(ConversionFailure) -> Result
    ) throws(ConversionFailure) -> Result {
        let before = interruption.withLock { interruption in
            let before = interruption
            if case .delivered = before { return before }
            interruption = .impossible
            return before
        }
        defer {
            interruption.withLock { interruption in
                if case .impossible = interruption { interruption = before }
            }
        }
        try checkpoint()
        return try body()
    }

    /// Lets the main thread look: the signal also ends the system call that it waits in.
    ///
    /// - Returns: whether nothing more is to be done.
    func interruptMain(_ call: UInt64) -> Bool {
        let now = AdaptiveSpin.now
        let signals = InterruptSignals.current
        let (isDelivered, signal) = interruption.withLock { interruption -> (Bool, Int32?) in
            switch interruption {
            case .possible(call):
                interruption = .wanted(call, since: now)
                return (false, signals.signal(firstAttempt: nil, now: now))
            case .wanted(call, let start):
                return (false, signals.signal(firstAttempt: start, now: now))
            // The call is about to begin, or has just ended: whoever asks knows in a moment.
            case .impossible, .possible, .wanted: return (false, nil)
            case .delivered: return (true, nil)
            }
        }
        // C code may have given a signal its default action, with which the server would end.
        if let signal, !cplatform_signal_is_default(signal) { pthread_kill(thread, signal) }
        return isDelivered
    }

    /// Whether the thread's call is to be interrupted; the caller, on this thread, raises the exception.
    func takeInterruption() -> Bool {
        interruption.withLock { interruption in
            guard case .wanted = interruption else { return false }
            interruption = .delivered
            return true
        }
    }

    /// Raises an exception in the thread, a worker, with its next Python instruction. With the GIL held by
    /// another thread.
    ///
    /// - Parameter isAllowed: whether now is a good moment.
    /// - Returns: whether nothing more is to be done.
    func interruptWorker(
        _ call: UInt64, with exception: PythonReference, isAllowed: () -> Bool
    ) -> Bool {
        let isPossible = interruption.withLock { interruption in
            if case .possible(call) = interruption { return true }
            return false
        }
        guard isPossible, isAllowed() else { return false }
        // The thread cannot have ended the call meanwhile unless `isAllowed` has let go of the GIL.
        return interruption.withLock { interruption in
            guard case .possible(call) = interruption else { return false }
            interruption = .delivered
            _ = py.PyThreadState_SetAsyncExc(CUnsignedLong(identifier), exception)
            return true
        }
    }
}

/// Runs `body` without the GIL, on a thread that holds it.
func withoutGIL<Result>(_ body: () -> Result) -> Result {
    let state = py.PyEval_SaveThread()
    let result = body()
    py.PyEval_RestoreThread(state)
    return result
}
