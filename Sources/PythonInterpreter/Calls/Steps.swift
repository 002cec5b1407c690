import CPythonABI

/// Drives a generator of the Python runtime, see `steps.py`: calls what it yields, and sends what has become of it.
///
/// - Parameter steps: the generator. Borrowed.
/// - Returns: what the generator returns.
func perform(steps: borrowing OwnedReference) throws(ConversionFailure) -> OwnedReference {
    var sent = OwnedReference(borrowing: py._Py_NoneStruct)
    while true {
        var yielded: PythonReference?
        let state = py.PyIter_Send(steps.pointer, sent.pointer, &yielded)
        let step = try owning(yielded)
        if state == PYGEN_RETURN { return step }
        sent = try outcome(of: step)
    }
}

/// Calls `(function, *arguments)`.
///
/// - Returns: (result, None) or (None, exception).
private func outcome(
    of step: borrowing OwnedReference
) throws(ConversionFailure) -> OwnedReference {
    let pair = try owning(py.PyTuple_New(2))
    let result = try called(step)
    var exception: PythonReference?
    if result == nil {
        guard let raised = takeException() else { throw .raised }
        exception = raised
    }
    // Takes the references over.
    let none = OwnedReference(borrowing: py._Py_NoneStruct).release()
    _ = py.PyTuple_SetItem(pair.pointer, 0, result ?? none)
    _ = py.PyTuple_SetItem(pair.pointer, 1, exception ?? none)
    return pair
}

private func called(
    _ step: borrowing OwnedReference
) throws(ConversionFailure) -> PythonReference? {
    let function = try borrowing(py.PyTuple_GetItem(step.pointer, 0))
    var arguments: [PythonReference] = []
    for index in 1..<py.PyTuple_Size(step.pointer) {
        arguments.append(try borrowing(py.PyTuple_GetItem(step.pointer, index)))
    }
    return py.PyObject_Vectorcall(function, arguments, arguments.count, nil)
}
