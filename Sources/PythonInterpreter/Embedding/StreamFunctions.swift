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
            // PyBUF_SIMPLE: contiguous bytes, or an error that says so.
            let count = try withBuffer(of: try borrowing(data), flags: 0) {
                (view: inout Py_buffer) throws(ConversionFailure) in
                try write(UnsafeRawBufferPointer(start: view.buf, count: view.len), to: stream)
                return view.len
            }
            return try owning(py.PyLong_FromLongLong(Int64(count)))
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to stream: Output.Stream
    ) throws(ConversionFailure) {
        // What another thread of the parent has locked stays locked in the child.
        if cplatform_in_forked_child() { return writeAll(Int32(stream.rawValue), bytes) }
        let host = try NativeModule.currentHost
        if let rest = host.write(bytes, to: stream, call: try runningCall()) {
            withoutGIL { rest(bytes) }
        }
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
        let found = try NativeModule.number(number.pointer)
        let key = found == 0 ? ScriptFrame.currentCall : found
        return key == 0 ? nil : CallKey(rawValue: key)
    }
}
