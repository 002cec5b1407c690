import CPythonABI
import ProxyWire

/// Modules of the server's own: its service is imported, changed files are taken over.
extension CallPerformer {
    /// Imports the service, before anything is served.
    ///
    /// - Parameters:
    ///   - start: makes the generator that imports it.
    ///   - fail: ends the process if that raises an exception, which it is told.
    func importService(
        _ start: PythonReference, orFail fail: PythonReference, on thread: PythonThreadState
    ) {
        var step = step(.service(start: start, fail: fail), on: thread)
        _ = frame.take(&step, in: nil)
    }

    /// Below the frame.
    func importService(_ start: PythonReference, orFail fail: PythonReference) {
        do {
            _ = try PythonInterpreter.perform(steps: try call(start))
            endForkedChild()
        } catch {
            endForkedChild()
            guard let exception = takeException() else { return }
            let owned = OwnedReference(owning: exception)
            _ = try? call(fail, owned.pointer)
        }
    }

    /// Takes changed files over.
    ///
    /// - Returns: nil if nothing had changed.
    func reload(
        _ paths: [String], everything: Bool, on thread: PythonThreadState
    ) -> (line: String, payload: [UInt8])? {
        var step = step(.reload(paths: paths, everything: everything), on: thread)
        reloaded = nil
        if !frame.take(&step, in: nil) {
            py.PyErr_Clear()
            thread.end()
        }
        return reloaded
    }

    /// Below the frame.
    func reloadProject(
        _ paths: [String], everything: Bool, on thread: PythonThreadState
    ) -> (line: String, payload: [UInt8])? {
        defer { thread.end() }
        do {
            let list = try newList(paths)
            defer { endForkedChild() }
            let result = try call(
                reloadFunction, list.pointer, everything ? py._Py_TrueStruct : py._Py_FalseStruct)
            // Modules may be other objects, or not be callable any more.
            targets.forgetAll()
            if result.pointer == py._Py_NoneStruct { return nil }
            let line = try swiftString(try borrowing(py.PyTuple_GetItem(result.pointer, 0)))
            let buffer = FrameBuffer()
            var encoder = ObjectEncoder(
                into: buffer, maximumDepth: 64, numbers: numbers, codec: codec, numpy: numpy)
            try encoder.encode(try borrowing(py.PyTuple_GetItem(result.pointer, 1)))
            return (line, Array(buffer.payload))
        } catch {
            let exception = takeException().map { OwnedReference(owning: $0) }
            let text: String
            switch exception {
            case .some(let exception):
                text = "\(typeName(of: exception.pointer)): \(shortText(exception.pointer))"
            case nil: text = "\(error)"
            }
            targets.forgetAll()
            return ("changed files could not be taken over: \(text)", [0xF6])
        }
    }
}
