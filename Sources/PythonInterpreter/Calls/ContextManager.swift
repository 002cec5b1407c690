import CPythonABI

/// An object that a `with` statement may enter.
///
/// SAFETY: owns its references; used only with the GIL held.
struct ContextManager: ~Copyable {
    private let enterMethod: OwnedReference
    private let exitMethod: OwnedReference
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
        exitMethod = exit
    }

    func enter() throws(ConversionFailure) -> OwnedReference { try call(enterMethod.pointer) }

    mutating func leave() throws(ConversionFailure) {
        wasLeft = true
        let none = py._Py_NoneStruct
        _ = try call(exitMethod.pointer, none, none, none)
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
        guard case .raised = failure, var exception = takeException() else {
            try leave()
            return false
        }
        do throws(ConversionFailure) { try raisePending() } catch {
            if let pending = takeException() {
                py.Py_DecRef(exception)
                exception = pending
            }
        }
        let isHandled = try leave(exception)
        if isHandled {
            py.Py_DecRef(exception)
        } else {
            // Takes all of them over.
            let type = typeReference(of: exception)
            py.Py_IncRef(type)
            py.PyErr_Restore(type, exception, py.PyObject_GetAttrString(exception, "__traceback__"))
        }
        return isHandled
    }

    /// - Returns: what `__exit__` says: whether the exception has been dealt with.
    mutating func leave(_ borrowedException: PythonReference) throws(ConversionFailure) -> Bool {
        wasLeft = true
        let traceback = try owning(py.PyObject_GetAttrString(borrowedException, "__traceback__"))
        let answer = try call(
            exitMethod.pointer, typeReference(of: borrowedException), borrowedException,
            traceback.pointer)
        let isTrue = py.PyObject_IsTrue(answer.pointer)
        try checking(isTrue)
        return isTrue == 1
    }

    private func typeReference(of borrowed: PythonReference) -> PythonReference {
        UnsafeMutableRawPointer(Py_TYPE(borrowed)).assumingMemoryBound(to: PyObject.self)
    }
}
