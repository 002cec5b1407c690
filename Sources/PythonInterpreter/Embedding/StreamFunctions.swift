import CPlatform
import CPythonABI
import ProxyTransport
import ProxyWire

/// How Python's standard output and error write: functions of the module `_pyproxy` that take bytes, without a
/// frame of Python in between.
///
/// SAFETY: the reference is set once, before anything is written, and used with the GIL held.
enum StreamFunctions {
    /// Name, function, and how it takes its arguments.
    static let methods: [(String, PyCFunction, Int32)] = [
        ("write_output", { _, data in StreamFunctions.write(data, to: .standardOutput) }, METH_O),
        ("write_error", { _, data in StreamFunctions.write(data, to: .standardError) }, METH_O),
        ("flush_output", { _, _ in StreamFunctions.flush(.standardOutput) }, METH_NOARGS),
        ("flush_error", { _, _ in StreamFunctions.flush(.standardError) }, METH_NOARGS),
    ]

    /// Says which call the running code belongs to.
    nonisolated(unsafe) private static var currentCall: PythonReference?

    /// - Parameter currentCall: a function without arguments that returns the number of a call, 0 for none. Taken
    ///   over.
    static func attribute(with currentCall: PythonReference) { self.currentCall = currentCall }

    /// write(data) -> int: takes an object with bytes, returns how many.
    private static func write(
        _ data: PythonReference?, to stream: Output.Stream
    ) -> PythonReference? {
        NativeModule.result { () throws(ConversionFailure) in
            let data = try borrowing(data)
            guard data.isExactly(py.PyBytes_Type) else {
                return try withBuffer(of: data) { (bytes) throws(ConversionFailure) in
                    try write(bytes, to: stream)
                }
            }
            var start: UnsafeMutablePointer<CChar>?
            var length = 0
            try checking(py.PyBytes_AsStringAndSize(data, &start, &length))
            // The caller keeps the bytes alive, and bytes cannot change.
            return try write(UnsafeRawBufferPointer(start: start, count: length), to: stream)
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to stream: Output.Stream
    ) throws(ConversionFailure) -> OwnedReference {
        // What another thread of the parent has locked stays locked in the child.
        if cplatform_in_forked_child() {
            writeAll(Int32(stream.rawValue), bytes)
        } else {
            let host = try NativeModule.currentHost
            if let rest = host.write(bytes, to: stream, call: try runningCall()) {
                withoutGIL { rest(bytes) }
            }
        }
        return try owning(py.PyLong_FromLongLong(Int64(bytes.count)))
    }

    /// flush(): what has been written ends a chunk.
    private static func flush(_ stream: Output.Stream) -> PythonReference? {
        NativeModule.result { () throws(ConversionFailure) in
            if !cplatform_in_forked_child() {
                let host = try NativeModule.currentHost
                if let rest = host.flush(stream, call: try runningCall()) { withoutGIL(rest) }
            }
            return OwnedReference(borrowing: py._Py_NoneStruct)
        }
    }

    private static func runningCall() throws(ConversionFailure) -> CallKey? {
        guard let currentCall else { return nil }
        let number = try call(currentCall)
        var overflow: Int32 = 0
        let value = py.PyLong_AsLongLongAndOverflow(number.pointer, &overflow)
        if value == -1, overflow == 0, py.PyErr_Occurred() != nil { throw .raised }
        let found = overflow > 0 ? UInt64.max : UInt64(clamping: value)
        let key = found == 0 ? ScriptFrame.currentCall : found
        return key == 0 ? nil : CallKey(rawValue: key)
    }

    /// Calls `body` with the bytes of an object of any layout.
    private static func withBuffer(
        of data: PythonReference,
        _ body: (UnsafeRawBufferPointer) throws(ConversionFailure) -> OwnedReference
    ) throws(ConversionFailure) -> OwnedReference {
        var view = Py_buffer()
        // PyBUF_SIMPLE: contiguous bytes, or an error that says so.
        try checking(py.PyObject_GetBuffer(data, &view, 0))
        defer { py.PyBuffer_Release(&view) }
        return try body(UnsafeRawBufferPointer(start: view.buf, count: view.len))
    }
}
