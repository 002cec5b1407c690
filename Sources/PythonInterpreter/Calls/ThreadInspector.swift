import CPlatform
import CPythonABI

/// Looks at what other threads do.
///
/// SAFETY: owns references for as long as the process lives; used only with the GIL held, except for
/// `emergencyStacks`.
final class ThreadInspector {
    private let isImportingFunction: PythonReference
    private let stacksFunction: PythonReference
    /// Where Python's fault handler writes when it is asked for the stacks, and its signal.
    private let dump: (descriptor: Int32, signal: Int32)

    /// Takes over references to the functions of `pyproxy_runtime.interruption`.
    init(
        isImporting: PythonReference, stacks: PythonReference,
        dumpDescriptor: Int32, dumpSignal: Int32
    ) {
        isImportingFunction = isImporting
        stacksFunction = stacks
        dump = (dumpDescriptor, dumpSignal)
    }

    /// Whether a thread is in the middle of an import.
    func isImporting(_ identifier: UInt64) -> Bool {
        guard let number = py.PyLong_FromUnsignedLongLong(identifier) else { return forget(true) }
        let owned = OwnedReference(owning: number)
        guard let result = try? call(isImportingFunction, owned.pointer) else {
            return forget(true)
        }
        return result.pointer == py._Py_TrueStruct
    }

    /// What each thread is running, by its number, the innermost frame first.
    func stacks() -> [UInt64: [String]] {
        do {
            return try readStacks()
        } catch {
            return forget([:])
        }
    }

    private func readStacks() throws(ConversionFailure) -> [UInt64: [String]] {
        let pairs = try owning(py.PyObject_Vectorcall(stacksFunction, nil, 0, nil))
        var stacks: [UInt64: [String]] = [:]
        for index in 0..<py.PyList_Size(pairs.pointer) {
            let pair = try borrowing(py.PyList_GetItem(pairs.pointer, index))
            var overflow: Int32 = 0
            let identifier = py.PyLong_AsLongLongAndOverflow(
                try borrowing(py.PyTuple_GetItem(pair, 0)), &overflow)
            let lines = try borrowing(py.PyTuple_GetItem(pair, 1))
            var stack: [String] = []
            for line in 0..<py.PyList_Size(lines) {
                stack.append(try swiftString(try borrowing(py.PyList_GetItem(lines, line))))
            }
            stacks[UInt64(bitPattern: identifier)] = stack
        }
        return stacks
    }

    /// What Python's fault handler says about all threads. Without the GIL.
    func emergencyStacks() -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = bytes.withUnsafeMutableBytes {
            cplatform_raise_and_read(dump.signal, dump.descriptor, $0.baseAddress, $0.count)
        }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private func forget<Value>(_ value: Value) -> Value {
        py.PyErr_Clear()
        return value
    }
}
