import CPythonABI

/// A Python object as the C API passes it. The name of the function or variable says who owns it:
/// `borrowed…` must not be released, everything else that holds one for longer is an `OwnedReference`.
typealias PythonReference = UnsafeMutablePointer<PyObject>

/// A reference that is released exactly once.
///
/// SAFETY: released in `deinit`, so a value must be destroyed on a thread that holds the GIL, also one that is stored
/// for longer than a call (`ContextExit`).
struct OwnedReference: ~Copyable {
    let pointer: PythonReference

    init(owning pointer: PythonReference) {
        self.pointer = pointer
    }

    init(borrowing pointer: PythonReference) {
        py.Py_IncRef(pointer)
        self.pointer = pointer
    }

    deinit { py.Py_DecRef(pointer) }

    /// Passes the reference on to the C API, which releases it.
    consuming func release() -> PythonReference {
        let pointer = self.pointer
        discard self
        return pointer
    }
}

/// Turns the C API's NULL, which means that an exception is set, into a thrown error.
@inline(__always)
func owning(_ result: PythonReference?) throws(ConversionFailure) -> OwnedReference {
    guard let result else { throw .raised }
    return OwnedReference(owning: result)
}

@inline(__always)
func borrowing(_ result: PythonReference?) throws(ConversionFailure) -> PythonReference {
    guard let result else { throw .raised }
    return result
}

/// Turns the C API's -1, which means that an exception is set, into a thrown error.
@inline(__always)
func checking(_ status: Int32) throws(ConversionFailure) {
    if status < 0 { throw .raised }
}

extension UnsafeMutablePointer<PyObject> {
    /// Whether the object is an instance of exactly this type.
    @inline(__always)
    func isExactly(_ type: PythonReference) -> Bool {
        UnsafeMutableRawPointer(Py_TYPE(self)) == UnsafeMutableRawPointer(type)
    }

    /// Whether the object's type, or one that it inherits from, is the built-in type with this flag
    /// (`Py_TPFLAGS_LONG_SUBCLASS` and so on).
    func isInstance(ofBuiltIn flag: UInt) -> Bool {
        UInt(py.PyType_GetFlags(Py_TYPE(self))) & flag != 0
    }
}

/// The bits of `tp_flags` that mark subclasses of the built-in types (object.h: Py_TPFLAGS_…).
enum BuiltInFlag {
    static let int: UInt = 1 << 24
    static let list: UInt = 1 << 25
    static let tuple: UInt = 1 << 26
    static let bytes: UInt = 1 << 27
    static let str: UInt = 1 << 28
    static let dict: UInt = 1 << 29
}

/// Creates a str.
func newString(_ string: String) throws(ConversionFailure) -> OwnedReference {
    var string = string
    return try owning(
        string.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                py.PyUnicode_FromStringAndSize($0.baseAddress, $0.count)
            }
        })
}

/// Creates a list of str objects.
func newList(_ strings: [String]) throws(ConversionFailure) -> OwnedReference {
    let list = try owning(py.PyList_New(0))
    for text in strings {
        let string = try newString(text)
        try checking(py.PyList_Append(list.pointer, string.pointer))
    }
    return list
}

/// Creates a bytes object.
func newBytes(_ bytes: [UInt8]) throws(ConversionFailure) -> OwnedReference {
    try owning(
        bytes.withUnsafeBytes {
            py.PyBytes_FromStringAndSize(
                $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        })
}

/// Calls `body` with the UTF-8 bytes of a str. Lone surrogates raise a UnicodeEncodeError.
func withUTF8<Result>(
    of borrowedString: PythonReference, _ body: (UnsafeRawBufferPointer) -> Result
) throws(ConversionFailure) -> Result {
    var length = 0
    guard let start = py.PyUnicode_AsUTF8AndSize(borrowedString, &length) else { throw .raised }
    return body(UnsafeRawBufferPointer(start: start, count: length))
}

func swiftString(_ borrowedString: PythonReference) throws(ConversionFailure) -> String {
    try withUTF8(of: borrowedString) { String(decoding: $0, as: UTF8.self) }
}

func borrowedType(of borrowed: PythonReference) -> PythonReference {
    UnsafeMutableRawPointer(Py_TYPE(borrowed)).assumingMemoryBound(to: PyObject.self)
}

/// The full name of an object's type, as in "numpy.ma.MaskedArray".
func typeName(of borrowed: PythonReference) -> String {
    let type = borrowedType(of: borrowed)
    func attribute(_ name: String) -> String? {
        guard let value = py.PyObject_GetAttrString(type, name) else {
            py.PyErr_Clear()
            return nil
        }
        let owned = OwnedReference(owning: value)
        guard let text = try? swiftString(owned.pointer) else {
            py.PyErr_Clear()
            return nil
        }
        return text
    }
    let name = attribute("__qualname__") ?? "object"
    guard let module = attribute("__module__"), module != "builtins" else { return name }
    return "\(module).\(name)"
}

/// The exception that is set in this thread, with its traceback; it is no longer set afterwards.
///
/// - Returns: a reference that the caller owns.
func takeException() -> PythonReference? {
    var type: PythonReference?
    var value: PythonReference?
    var traceback: PythonReference?
    py.PyErr_Fetch(&type, &value, &traceback)
    py.PyErr_NormalizeException(&type, &value, &traceback)
    if let value, let traceback { _ = py.PyException_SetTraceback(value, traceback) }
    if let type { py.Py_DecRef(type) }
    if let traceback { py.Py_DecRef(traceback) }
    return value
}
