import CPythonABI
import ProxyWire

/// The arguments of one call as PEP 590 wants them: positional ones, then the values of the keyword
/// ones, whose names are in a tuple.
///
/// SAFETY: owns its references; for a thread that holds the GIL.
struct ArgumentVector: ~Copyable {
    private var values: [PythonReference] = []
    private var positionalCount = 0
    private var names: PythonReference?

    /// No arguments.
    init() {}

    /// No arguments, behind those that somebody else reads.
    init(skippedIn reader: inout CBORReader) throws(ConversionFailure) {
        try wire { () throws(WireError) in
            try reader.skip()
            try reader.skip()
        }
    }

    /// Reads the two items of a call that hold its arguments.
    init(
        from reader: inout CBORReader, decoder: inout ObjectDecoder, internedNames: InternedNames
    ) throws(ConversionFailure) {
        decoder.pauseCollector()
        defer { decoder.resumeCollector() }
        try readPositional(&reader, &decoder)
        try readKeywords(&reader, &decoder, internedNames)
    }

    deinit {
        for value in values { py.Py_DecRef(value) }
        if let names { py.Py_DecRef(names) }
    }

    var count: Int { values.count }

    /// The only positional argument, as the value to assign to an attribute.
    func assignedValue() throws(ConversionFailure) -> PythonReference {
        guard positionalCount == 1, values.count == 1 else {
            throw .malformed(.malformed("setting an attribute takes one argument", offset: 0))
        }
        return values[0]
    }

    func apply(to borrowedCallable: PythonReference) throws(ConversionFailure) -> OwnedReference {
        try owning(
            values.withUnsafeBufferPointer {
                py.PyObject_Vectorcall(borrowedCallable, $0.baseAddress, positionalCount, names)
            })
    }

    private mutating func readPositional(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder
    ) throws(ConversionFailure) {
        let count = try enter(&reader, .array, "positional arguments")
        values.reserveCapacity(min(count, 64))
        for index in 0..<count {
            values.append(try decode(&reader, &decoder, as: "argument \(index + 1)"))
        }
        reader.leave()
        positionalCount = count
    }

    private mutating func readKeywords(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder, _ internedNames: InternedNames
    ) throws(ConversionFailure) {
        let count = try enter(&reader, .map, "keyword arguments")
        guard count > 0 else { return reader.leave() }
        let tuple = try owning(py.PyTuple_New(count)).release()
        names = tuple
        for index in 0..<count {
            let name = try wire { () throws(WireError) in try reader.text() }
            try checking(
                py.PyTuple_SetItem(tuple, index, try internedNames.string(name).release()))
            values.append(try decode(&reader, &decoder, as: "argument '\(name)'"))
        }
        reader.leave()
    }

    private func decode(
        _ reader: inout CBORReader, _ decoder: inout ObjectDecoder,
        as name: @autoclosure () -> String
    ) throws(ConversionFailure) -> PythonReference {
        do { return try decoder.decode(&reader).release() } catch { throw error.inside(name()) }
    }

    private func enter(
        _ reader: inout CBORReader, _ major: CBORHead.Major, _ what: String
    ) throws(ConversionFailure) -> Int {
        try wire { () throws(WireError) in
            let start = reader.offset
            let head = try reader.head()
            guard head.major == major, let count = try reader.enter(head) else {
                throw .malformed("\(head.noun) where the \(what) must stand", offset: start)
            }
            return count
        }
    }
}
