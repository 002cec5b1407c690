import CPythonABI

/// Notices that a call has left `sys.stdin`, `sys.stdout` or `sys.stderr` broken, for the next one.
///
/// SAFETY: owns its references for as long as the process lives; used only with the GIL held.
final class StandardStreams {
    private let namespace: PythonReference
    private let streams: [(name: PythonReference, stream: PythonReference)]
    private let check: PythonReference
    private let flush: PythonReference

    /// - Parameters:
    ///   - check: puts back what is broken. Taken over.
    ///   - flush: flushes the streams. Taken over.
    init(check: PythonReference, flush: PythonReference) throws(ConversionFailure) {
        self.check = check
        self.flush = flush
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
        if areOurs { return }
        _ = try? call(check)
        py.PyErr_Clear()
    }

    /// After a call, whatever it has thrown: a stream that it has put in the place of one may hold text back.
    /// No exception may be set.
    func flushOthers() {
        if areOurs { return }
        _ = try? call(flush)
        py.PyErr_Clear()
    }

    private var areOurs: Bool {
        for (name, stream) in streams
        where py.PyDict_GetItemWithError(namespace, name) != stream {
            return false
        }
        return true
    }
}
