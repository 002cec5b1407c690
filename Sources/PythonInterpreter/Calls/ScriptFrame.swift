import CPlatform
import CPythonABI
import ProxyWire

/// The frame that everything runs below which a client asks for: that of the outermost line of a script, see
/// `frame.py`.
///
/// SAFETY: owns its references for as long as the process lives; used only with the GIL held.
final class ScriptFrame {
    /// What a thread is to do below the frame.
    ///
    /// A structure on the thread's stack, in whose slot a pointer to it is: no closure, which would be allocated.
    struct Step {
        /// Does it.
        let performer: Unmanaged<CallPerformer>
        let thread: Unmanaged<PythonThreadState>
        let work: Work
        /// The context that it is taken in.
        var place: SessionContexts.Place?
        var hasBegun = false

        enum Work {
            case call(any CallIO)
            case reload(paths: [String], everything: Bool)
            /// Borrowed.
            case service(start: PythonReference, fail: PythonReference)
            /// Leaving the context manager of a context, because of what the text says.
            case leave(SessionContexts.Key, text: String)
        }

        /// The number of the call; 0 if it is none.
        var callNumber: UInt64 {
            if case .call(let call) = work { call.key.rawValue } else { 0 }
        }
    }

    private let entry: PythonReference
    /// The names of `__main__`.
    private let names: PythonReference
    private let registryName: PythonReference

    /// Takes over references.
    ///
    /// - Parameters:
    ///   - entry: a function that calls `step` of the native module.
    ///   - names: those of `__main__`.
    init(entry: PythonReference, names: PythonReference) throws(ConversionFailure) {
        self.entry = entry
        self.names = names
        registryName = try newString("__warningregistry__").release()
    }

    /// Takes a step below the frame.
    ///
    /// - Parameter run: the `run` of a context to take it in; nil: in the thread's own.
    /// - Returns: false if Python raises an exception instead, which is set: an interruption that comes early, say.
    func take(_ step: inout Step, in run: PythonReference?) -> Bool {
        let slot = cplatform_thread_slot()
        let outer = slot.pointee
        let result = withUnsafeMutablePointer(to: &step) { step in
            slot.pointee = UnsafeMutableRawPointer(step)
            guard let run else { return py.PyObject_Vectorcall(entry, nil, 0, nil) }
            return withUnsafePointer(to: entry) { py.PyObject_Vectorcall(run, $0, 1, nil) }
        }
        slot.pointee = outer
        guard step.hasBegun else { return false }
        if let result { py.Py_DecRef(result) } else { py.PyErr_Clear() }
        forgetWarnings()
        return true
    }

    /// The step of the current thread.
    private static var current: UnsafeMutablePointer<Step>? {
        cplatform_thread_slot().pointee?.assumingMemoryBound(to: Step.self)
    }

    /// step(_: object): the thread takes its step.
    static func step() -> PythonReference? {
        guard let step = current, !step.pointee.hasBegun else {
            "the server alone calls this".withCString {
                py.PyErr_SetString(py.PyExc_RuntimeError.pointee, $0)
            }
            return nil
        }
        step.pointee.hasBegun = true
        step.pointee.performer._withUnsafeGuaranteedRef { performer in
            step.pointee.thread._withUnsafeGuaranteedRef { thread in
                performer.performBelowFrame(step.pointee.work, on: thread)
            }
        }
        py.Py_IncRef(py._Py_NoneStruct)
        return py._Py_NoneStruct
    }

    /// The session in whose own context the thread runs something; nil if it does not.
    static var currentSession: UInt64? { current?.pointee.place?.session }

    /// The context that the thread's call is made in.
    static var currentContext: SessionContexts.Key? { current?.pointee.place?.key }

    /// The number of the call that the thread runs; 0 if it runs none.
    static var currentCall: UInt64 { current?.pointee.callNumber ?? 0 }

    /// What the frame is warned of is said in each call, as each run of a script says it.
    private func forgetWarnings() {
        guard py.PyDict_GetItemWithError(names, registryName) != nil else { return }
        if py.PyDict_DelItem(names, registryName) != 0 { py.PyErr_Clear() }
    }
}
