import CPythonABI

/// Notices that a call has left `sys.stdin`, `sys.stdout` or `sys.stderr` broken, for the next one.
///
/// SAFETY: owns its references for as long as the process lives; used only with the GIL held.
final class StandardStreams {
    private let namespace: PythonReference
    private let streams: [(name: PythonReference, stream: PythonReference)]
    private let check: PythonReference

    /// - Parameter check: puts back what is broken. Taken over.
    init(check: PythonReference) throws(ConversionFailure) {
        self.check = check
        let sys = try owning(py.PyImport_ImportModule("sys"))
        let namespace = try owning(py.PyObject_GetAttrString(sys.pointer, "__dict__"))
        var streams: [(name: PythonReference, stream: PythonReference)] = []
        for text in ["stdin", "stdout", "stderr"] {
            let name = try newString(text)
            let stream = try owning(py.PyObject_GetAttrString(sys.pointer, text))
            streams.append((name.release(), stream.release()))
        }
        self.namespace = namespace.release()
        self.streams = streams
    }

    /// Before a call. Costs three look-ups while the streams are those that the server has made.
    func restore() {
        for (name, stream) in streams
        where py.PyDict_GetItemWithError(namespace, name) != stream {
            _ = try? call(check)
            py.PyErr_Clear()
            return
        }
    }
}
