import CPythonABI
import ProxyWire

/// The parts of numpy that conversions need, looked up once it has been imported.
///
/// numpy's own C API is not used: its layout changes with the version that a module was compiled
/// for. The buffer protocol and a few Python calls per array do.
///
/// SAFETY: the references live as long as the process and are used only with the GIL held.
struct Numpy {
    let arrayType: PythonReference
    let scalarType: PythonReference
    private let memoryMapType: PythonReference
    private let empty: PythonReference
    private let dtypes: [PythonReference]

    /// numpy if something in this process has imported it.
    static func ifImported() throws(ConversionFailure) -> Numpy? {
        let modules = try borrowing(py.PyImport_GetModuleDict())
        let name = try newString("numpy")
        guard let module = py.PyDict_GetItemWithError(modules, name.pointer) else {
            if py.PyErr_Occurred() != nil { throw .raised }
            return nil
        }
        // Code that runs meanwhile may take it out of sys.modules.
        let owned = OwnedReference(borrowing: module)
        return try Numpy(module: owned.pointer)
    }

    /// numpy, imported now if need be; nil if it is not installed.
    static func imported() throws(ConversionFailure) -> Numpy? {
        if let numpy = try ifImported() { return numpy }
        guard let module = py.PyImport_ImportModule("numpy") else {
            guard py.PyErr_ExceptionMatches(py.PyExc_ModuleNotFoundError.pointee) != 0 else {
                throw .raised
            }
            py.PyErr_Clear()
            return nil
        }
        let owned = OwnedReference(owning: module)
        return try Numpy(module: owned.pointer)
    }

    private init?(module borrowedModule: PythonReference) throws(ConversionFailure) {
        func attribute(_ name: String) throws(ConversionFailure) -> PythonReference {
            try owning(py.PyObject_GetAttrString(borrowedModule, name)).release()
        }
        // Something that is only called numpy, or numpy in the middle of its own import.
        guard let array = py.PyObject_GetAttrString(borrowedModule, "ndarray") else {
            py.PyErr_Clear()
            return nil
        }
        arrayType = array
        scalarType = try attribute("generic")
        memoryMapType = try attribute("memmap")
        empty = try attribute("empty")
        let dtype = OwnedReference(owning: try attribute("dtype"))
        var dtypes: [PythonReference] = []
        for type in ElementType.allCases {
            let name = try newString(type.name)
            dtypes.append(try call(dtype.pointer, name.pointer).release())
        }
        self.dtypes = dtypes
    }

    /// Whether the object is an array that loses nothing as shape, dtype and elements.
    func isPlainArray(_ borrowed: PythonReference) -> Bool {
        borrowed.isExactly(arrayType) || borrowed.isExactly(memoryMapType)
    }

    func isScalar(_ borrowed: PythonReference) throws(ConversionFailure) -> Bool {
        let status = py.PyObject_IsInstance(borrowed, scalarType)
        try checking(status)
        return status == 1
    }

    /// Creates an array in row-major order: of its own memory, or of the shared memory that the elements
    /// are in.
    func newArray(
        shape: [Int], elements: Elements
    ) throws(ConversionFailure) -> OwnedReference {
        let dimensions = try owning(py.PyTuple_New(shape.count))
        for (index, dimension) in shape.enumerated() {
            let number = try owning(py.PyLong_FromLongLong(Int64(dimension)))
            try checking(py.PyTuple_SetItem(dimensions.pointer, index, number.release()))
        }
        let dtype = dtypes[Int(elements.type.rawValue)]
        if let loan = elements.loan, !elements.isBigEndian {
            let buffer = try SharedBuffer.new(elements.bytes, in: loan)
            return try call(arrayType, dimensions.pointer, dtype, buffer.pointer)
        }
        let array = try call(empty, dimensions.pointer, dtype)
        try withBuffer(of: array.pointer, flags: PyBUF_WRITABLE | PyBUF_C_CONTIGUOUS) {
            (view) throws(ConversionFailure) in
            guard let start = view.buf, let source = elements.bytes.baseAddress else { return }
            guard view.len == elements.bytes.count else {
                throw .unsupported("numpy made an array of \(view.len) bytes")
            }
            start.copyMemory(from: source, byteCount: view.len)
            if elements.isBigEndian {
                elements.type.swapBytes(
                    UnsafeMutableRawBufferPointer(start: start, count: view.len))
            }
        }
        return array
    }

    /// Creates a numpy scalar from one element.
    func newScalar(_ elements: Elements) throws(ConversionFailure) -> OwnedReference {
        let array = try newArray(shape: [], elements: elements)
        let index = try owning(py.PyTuple_New(0))
        // array[()] is the element as a scalar of the array's dtype.
        return try owning(py.PyObject_GetItem(array.pointer, index.pointer))
    }
}

/// Calls a Python callable with positional arguments.
func call(
    _ borrowedCallable: PythonReference, _ borrowedArguments: PythonReference...
) throws(ConversionFailure) -> OwnedReference {
    // The C API declares the arguments as non-null pointers behind an optional array.
    try owning(
        borrowedArguments.withUnsafeBufferPointer {
            py.PyObject_Vectorcall(borrowedCallable, $0.baseAddress, $0.count, nil)
        })
}

/// Calls `body` with the object's buffer (PEP 3118), and releases it.
func withBuffer<Result>(
    of borrowed: PythonReference, flags: Int32,
    _ body: (inout Py_buffer) throws(ConversionFailure) -> Result
) throws(ConversionFailure) -> Result {
    var view = Py_buffer()
    try checking(py.PyObject_GetBuffer(borrowed, &view, flags))
    defer { py.PyBuffer_Release(&view) }
    return try body(&view)
}
