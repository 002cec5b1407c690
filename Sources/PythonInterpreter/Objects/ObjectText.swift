import CPythonABI

/// `str(object)` in at most 40 characters, for messages.
func shortText(_ borrowed: PythonReference) -> String { shorten(py.PyObject_Str(borrowed)) }

/// `repr(object)` in at most 40 characters, for messages.
func shortRepresentation(_ borrowed: PythonReference) -> String {
    shorten(py.PyObject_Repr(borrowed))
}

/// `str(object)`, for messages.
func text(of borrowed: PythonReference) -> String { text(py.PyObject_Str(borrowed)) }

private func shorten(_ owned: PythonReference?) -> String {
    let text = text(owned)
    return text.count > 40 ? text.prefix(39) + "…" : text
}

private func text(_ owned: PythonReference?) -> String {
    guard let owned else {
        py.PyErr_Clear()
        return "…"
    }
    let reference = OwnedReference(owning: owned)
    guard let text = try? swiftString(reference.pointer) else {
        py.PyErr_Clear()
        return "…"
    }
    return text
}
