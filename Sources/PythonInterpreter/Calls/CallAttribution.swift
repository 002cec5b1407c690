import CPythonABI
import ProxyWire

/// Lets Python code know which call it belongs to: on the thread of the call the server knows it; tasks that the
/// call starts find it in their context, see `attribution.py`.
///
/// SAFETY: owns its references for as long as the process lives; used only with the GIL held.
final class CallAttribution {
    /// The `set` of the context variable.
    private let set: PythonReference
    private let noCall: PythonReference
    /// `sys.modules`.
    private let modules: PythonReference
    private let moduleName: PythonReference

    /// - Parameter set: taken over.
    init(set: PythonReference) throws(ConversionFailure) {
        self.set = set
        noCall = try owning(py.PyLong_FromLongLong(0)).release()
        modules = try borrowing(py.PyImport_GetModuleDict())
        moduleName = try newString("contextvars").release()
    }

    /// Nothing can start a task that has not imported this module.
    private var areContextsUsed: Bool {
        py.PyDict_GetItemWithError(modules, moduleName) != nil
    }

    /// The current context is that of a call from now on.
    func begin(_ key: CallKey) throws(ConversionFailure) {
        guard areContextsUsed else { return }
        let number = try owning(py.PyLong_FromUnsignedLongLong(key.rawValue))
        _ = try call(set, number.pointer)
    }

    /// The current context remains for the session's next call.
    func end() {
        guard areContextsUsed else { return }
        if (try? call(set, noCall)) == nil { py.PyErr_Clear() }
    }
}
