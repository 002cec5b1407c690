import CPythonABI

/// The `__exit__` of a context manager that has been entered.
///
/// SAFETY: owns its reference; used, and given up, only with the GIL held.
struct ContextExit: ~Copyable {
    private let method: OwnedReference

    init(_ method: consuming OwnedReference) { self.method = method }

    /// Leaves it without an exception.
    func leave() throws(ConversionFailure) {
        let none = py._Py_NoneStruct
        _ = try call(method.pointer, none, none, none)
    }

    /// - Returns: what `__exit__` says: whether the exception has been dealt with.
    func leave(_ borrowedException: PythonReference) throws(ConversionFailure) -> Bool {
        let traceback = try owning(py.PyObject_GetAttrString(borrowedException, "__traceback__"))
        let answer = try call(
            method.pointer, borrowedType(of: borrowedException), borrowedException,
            traceback.pointer)
        let isTrue = py.PyObject_IsTrue(answer.pointer)
        try checking(isTrue)
        return isTrue == 1
    }

    /// Prints the exception that is set, which it has raised, and clears it.
    func showException() { py.PyErr_WriteUnraisable(method.pointer) }
}
