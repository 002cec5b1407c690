import CPythonABI

/// An object that a `with` statement may enter.
///
/// SAFETY: owns its references; used only with the GIL held.
struct ContextManager: ~Copyable {
    private let enterMethod: OwnedReference
    private let exit: ContextExit
    /// `__exit__` has been called, whatever came of it.
    private(set) var wasLeft = false

    init(
        _ object: borrowing OwnedReference, _ known: ArgumentObjects
    ) throws(ConversionFailure) {
        func method(_ name: String) throws(ConversionFailure) -> OwnedReference {
            guard let method = py.PyObject_GetAttrString(object.pointer, name) else {
                py.PyErr_Clear()
                "'\(typeName(of: object.pointer))' object is no context manager: it has no \(name)()"
                    .withCString { py.PyErr_SetString(py.PyExc_TypeError.pointee, $0) }
                throw .raised
            }
            return OwnedReference(owning: method)
        }
        let enter = try method("__enter__")
        let exit = try method("__exit__")
        try known.checkCall(of: enter.pointer)
        try known.checkCall(of: exit.pointer)
        enterMethod = enter
        self.exit = ContextExit(exit)
    }

    func enter() throws(ConversionFailure) -> OwnedReference { try call(enterMethod.pointer) }

    /// For one that is left by another call than that which has entered it.
    consuming func takeExit() -> ContextExit { exit }

    mutating func leave() throws(ConversionFailure) {
        wasLeft = true
        try exit.leave()
    }

    /// Leaves it because of an exception, which is set in this thread.
    ///
    /// - Parameters:
    ///   - failure: of another kind: nothing is known of it in Python.
    ///   - raisePending: raises an exception from outside that is on its way, which then takes the place of that.
    /// - Returns: whether the exception has been dealt with. Otherwise it is set again.
    mutating func leave(
        after failure: ConversionFailure, raisePending: () throws(ConversionFailure) -> Void
    ) throws(ConversionFailure) -> Bool {
        guard case .raised = failure, let raised = takeException() else {
            try leave()
            return false
        }
        var exception = OwnedReference(owning: raised)
        do throws(ConversionFailure) { try raisePending() } catch {
            if let pending = takeException() { exception = OwnedReference(owning: pending) }
        }
        wasLeft = true
        if try exit.leave(exception.pointer) { return true }
        let type = borrowedType(of: exception.pointer)
        let traceback = py.PyObject_GetAttrString(exception.pointer, "__traceback__")
        py.Py_IncRef(type)
        // Takes all of them over.
        py.PyErr_Restore(type, exception.release(), traceback)
        return false
    }
}
