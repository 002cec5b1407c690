import CPlatform
import CPythonABI

/// Looks at what other threads do.
///
/// SAFETY: owns references for as long as the process lives; used only with the GIL held, except for
/// `emergencyStacks`.
final class ThreadInspector {
    private let placeToInterrupt: PythonReference
    private let currentFrames: PythonReference
    private let stacksFunction: PythonReference
    /// Where Python's fault handler writes when it is asked for the stacks, and its signal.
    private let dump: (descriptor: Int32, signal: Int32)

    /// Takes over references to functions of `interruption.py`, and to `sys._current_frames`.
    init(
        placeToInterrupt: PythonReference, currentFrames: PythonReference,
        stacks: PythonReference,
        dumpDescriptor: Int32, dumpSignal: Int32
    ) {
        self.placeToInterrupt = placeToInterrupt
        self.currentFrames = currentFrames
        stacksFunction = stacks
        dump = (dumpDescriptor, dumpSignal)
    }

    /// Whether an exception may be raised in a thread now, as long as the GIL is held.
    func mayInterrupt(_ identifier: UInt64) -> Bool {
        do {
            // Python code looks, and may let the thread run on meanwhile.
            for _ in 0..<Self.attempts {
                if let answer = try standsAtPlaceToInterrupt(identifier) { return answer }
            }
            return false
        } catch {
            return forget(false)
        }
    }

    private static let attempts = 10

    /// - Returns: nil if the thread has moved on.
    private func standsAtPlaceToInterrupt(
        _ identifier: UInt64
    ) throws(ConversionFailure) -> Bool? {
        let number = try owning(py.PyLong_FromUnsignedLongLong(identifier))
        let place = try call(placeToInterrupt, number.pointer)
        if place.pointer == py._Py_NoneStruct { return false }
        let instruction = try integer(try borrowing(py.PyTuple_GetItem(place.pointer, 1)))
        // From here on nothing lets go of the GIL.
        let frames = try owning(py.PyObject_Vectorcall(currentFrames, nil, 0, nil))
        let frame = py.PyDict_GetItemWithError(frames.pointer, number.pointer)
        guard frame == (try borrowing(py.PyTuple_GetItem(place.pointer, 0))) else { return nil }
        let now = try owning(py.PyObject_GetAttrString(frame, "f_lasti"))
        return try integer(now.pointer) == instruction ? true : nil
    }

    private func integer(_ borrowed: PythonReference) throws(ConversionFailure) -> Int64 {
        var overflow: Int32 = 0
        let value = py.PyLong_AsLongLongAndOverflow(borrowed, &overflow)
        if value == -1, py.PyErr_Occurred() != nil { throw .raised }
        return value
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
            let identifier = try integer(try borrowing(py.PyTuple_GetItem(pair, 0)))
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
