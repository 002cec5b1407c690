import CPythonABI
import ProxyTransport
import ProxyWire

/// The CPython of this process, ready to perform calls.
///
/// SAFETY (`@unchecked Sendable`): `performer` and `inspector` are touched only with the GIL held.
package final class EmbeddedInterpreter: @unchecked Sendable {
    private let performer: CallPerformer
    private let inspector: ThreadInspector
    private let interpreter: OpaquePointer
    /// As in "3.12.1".
    package let version: String

    init(
        performer: CallPerformer, inspector: ThreadInspector, interpreter: OpaquePointer,
        version: String
    ) {
        self.performer = performer
        self.inspector = inspector
        self.interpreter = interpreter
        self.version = version
    }

    /// Makes the current thread, one of our own, able to perform calls.
    package func attach() -> PythonThreadState {
        // NULL only when there is no memory left.
        PythonThreadState(
            pointer: py.PyThreadState_New(interpreter).unsafelyUnwrapped, isMain: false)
    }

    /// Performs a call and answers it, once.
    ///
    /// - Parameter thread: the state of the current thread.
    package func perform(_ call: any CallIO, on thread: PythonThreadState) {
        // Before the wait for the GIL: a call that waits can be interrupted, too.
        thread.begin(call.key.rawValue)
        thread.withGIL { performer.perform(call, on: thread) }
    }

    /// A session has ended: nothing is kept for its next call.
    package func forget(_ session: UInt64) {
        performer.contexts.forget(session)
        performer.objects.end(session)
    }

    /// Leaves the context managers of a session whose client has left.
    ///
    /// - Parameter key: by which it can be interrupted.
    package func leaveContexts(
        of session: UInt64, as key: CallKey, on thread: PythonThreadState
    ) {
        thread.begin(key.rawValue)
        thread.withGIL {
            performer.leaveContexts(of: session, because: .clientLeft, on: thread)
            thread.end()
        }
    }

    /// Leaves the context managers of all sessions, because the server ends.
    ///
    /// - Parameter milliseconds: for so long calls on other threads are waited for that run in them.
    package func leaveAllContexts(milliseconds: Int, on thread: PythonThreadState) {
        let deadline = AdaptiveSpin.now + UInt64(milliseconds) * 1_000_000
        thread.withGIL {
            let contexts = performer.contexts
            while true {
                let isLast = AdaptiveSpin.now >= deadline
                for session in contexts.sessionsWithManagers.sorted() {
                    performer.leaveContexts(
                        of: session, because: .serverEnds, isLast: isLast, on: thread)
                }
                if isLast || !contexts.hasCallsInManagers { return }
                contexts.waitForCall(until: deadline, on: thread)
            }
        }
    }

    /// What is to be dropped of a session that has ended.
    package func dropsOfEnded(
        _ session: UInt64, on thread: PythonThreadState
    ) -> [ObjectDrops.Drop] {
        thread.withGIL { performer.objects.dropsOfEnded(session) }
    }

    /// Drops objects that a client no longer uses.
    ///
    /// - Parameter nanoseconds: about how long it may take.
    /// - Returns: those that are left.
    package func drop(
        _ drops: ArraySlice<ObjectDrops.Drop>, of session: UInt64, nanoseconds: UInt64,
        on thread: PythonThreadState
    ) -> ArraySlice<ObjectDrops.Drop> {
        thread.withGIL {
            var rest = drops
            let start = AdaptiveSpin.now
            while let drop = rest.popFirst() {
                performer.objects.drop(drop, of: session)
                if AdaptiveSpin.now - start >= nanoseconds { break }
            }
            performer.endForkedChild()
            return rest
        }
    }

    /// How many objects clients have.
    package func objectCounts() -> [ObjectCount] { performer.objects.counts() }

    /// Takes changed files over, while no call runs.
    ///
    /// - Returns: a line for people, and the payload of a `reloaded` frame; nil if nothing had changed.
    package func reloadProject(
        _ paths: [String], everything: Bool, as key: CallKey, on thread: PythonThreadState
    ) -> (line: String, payload: [UInt8])? {
        thread.begin(key.rawValue)
        return thread.withGIL {
            performer.reload(paths, everything: everything, on: thread)
        }
    }

    /// Tries to raise an exception in a call; may wait for the GIL.
    ///
    /// - Returns: true if the exception is on its way or the call has ended; false to be asked again.
    package func interrupt(
        _ key: CallKey, on thread: PythonThreadState, from own: PythonThreadState
    ) -> Bool {
        if thread.isMain { return thread.interruptMain(key.rawValue) }
        return own.withGIL {
            thread.interruptWorker(key.rawValue, with: py.PyExc_KeyboardInterrupt.pointee) {
                inspector.mayInterrupt(thread.identifier)
            }
        }
    }

    /// What Python code each thread is running, by its number, the innermost frame first. Waits for the
    /// GIL.
    package func stacks(from own: PythonThreadState) -> [UInt64: [String]] {
        own.withGIL { inspector.stacks() }
    }

    /// The same for people, without the GIL, for when someone holds it and does not let go.
    package func emergencyStacks() -> String { inspector.emergencyStacks() }
}
