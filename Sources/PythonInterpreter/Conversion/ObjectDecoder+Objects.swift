import CPythonABI
import ProxyWire

/// Objects that stay on the server, what is found from them, and what operators make of them.
extension ObjectDecoder {
    /// What a path leads to, before its last step is taken.
    struct PathEnd: ~Copyable {
        let parent: OwnedReference
        /// An attribute's name, or the key of an item, which this owns; nil: the path has no steps.
        let key: PythonReference?
        let isItem: Bool

        deinit { if let key { py.Py_DecRef(key) } }
    }

    /// Reads an object, the content of its tag.
    func newObject(_ reader: inout CBORReader) throws(ConversionFailure) -> OwnedReference {
        let number = try wire { () throws(WireError) in
            let count = try reader.array(counts: 1...2)
            let number = try reader.unsigned()
            if count == 2 { try reader.skip() }
            return number
        }
        return try knownObjects().object(number)
    }

    /// Reads a path, the content of its tag, as what it leads to.
    mutating func newPathValue(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let end = try readPath(&reader)
        let wasPaused = resumeCollector()
        defer { if wasPaused { pauseCollector() } }
        return try knownObjects().value(of: end)
    }

    /// Reads a path, the content of its tag, and takes all steps but the last.
    mutating func readPath(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> PathEnd {
        let start = reader.offset
        let head = try wire { () throws(WireError) in try reader.head() }
        guard head.major == .array,
            let count = try wire({ () throws(WireError) in try reader.enter(head) }), count > 0
        else { throw .malformed(.malformed("a path must be an array", offset: start)) }
        var parent = try newRoot(&reader)
        for index in 1..<count {
            let (key, isItem) = try readStep(&reader)
            if index == count - 1 {
                reader.leave()
                return PathEnd(parent: parent, key: key, isItem: isItem)
            }
            let keyReference = OwnedReference(owning: key)
            let wasPaused = resumeCollector()
            defer { if wasPaused { pauseCollector() } }
            parent =
                isItem
                ? try knownObjects().item(keyReference, of: parent)
                : try knownObjects().attribute(keyReference, of: parent)
        }
        reader.leave()
        return PathEnd(parent: parent, key: nil, isItem: false)
    }

    /// A name or an object.
    private mutating func newRoot(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let head = try wire { () throws(WireError) in try reader.peek() }
        guard head.major == .text else { return try decode(&reader) }
        let name = try wire { () throws(WireError) in try reader.text() }
        let wasPaused = resumeCollector()
        defer { if wasPaused { pauseCollector() } }
        return try knownObjects().named(name)
    }

    /// - Returns: a name or key, owned by the caller.
    private mutating func readStep(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> (PythonReference, isItem: Bool) {
        let start = reader.offset
        let head = try wire { () throws(WireError) in try reader.peek() }
        if head.major == .text {
            let bytes = try wire { () throws(WireError) in
                _ = try reader.head()
                guard !head.isIndefinite else {
                    throw .malformed("a name of no definite length", offset: start)
                }
                return try reader.content(of: head)
            }
            // Interned: Python's cache of attributes knows only such names.
            return (try knownObjects().internedNames.string(bytes).release(), false)
        }
        guard head.major == .array else {
            throw .malformed(.malformed("\(head.noun) is no step of a path", offset: start))
        }
        let keys = try decode(&reader)
        let count = py.PyList_Size(keys.pointer)
        // Several keys are a tuple, as in a[1, 2].
        if count == 1 {
            let key = try borrowing(py.PyList_GetItem(keys.pointer, 0))
            return (OwnedReference(borrowing: key).release(), true)
        }
        let tuple = try owning(py.PyTuple_New(count))
        for index in 0..<count {
            let key = try borrowing(py.PyList_GetItem(keys.pointer, index))
            let owned = OwnedReference(borrowing: key)
            try checking(py.PyTuple_SetItem(tuple.pointer, index, owned.release()))
        }
        return (tuple.release(), true)
    }

    /// Reads an operation, the content of its tag, as its value.
    mutating func newOperationValue(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let start = reader.offset
        let (number, count) = try wire { () throws(WireError) in
            let head = try reader.head()
            guard head.major == .array, let count = try reader.enter(head), count > 1 else {
                throw .malformed("an operation must be an array", offset: start)
            }
            return (try reader.unsigned(), count)
        }
        guard let operation = PythonOperator(rawValue: number),
            operation.operandCount == count - 1
        else { throw .malformed(.malformed("\(number) is not an operator", offset: start)) }
        let first = try decode(&reader)
        let second = count > 2 ? try decode(&reader) : OwnedReference(borrowing: first.pointer)
        reader.leave()
        if operation.isInPlace { try objects?.checkAssignment() }
        let wasPaused = resumeCollector()
        defer { if wasPaused { pauseCollector() } }
        return try operation.value(of: [first.pointer, second.pointer])
    }

    /// Reads an invocation, the content of its tag, and calls the function.
    mutating func newInvocationValue(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        try wire { () throws(WireError) in try reader.array(count: 3) }
        let known = try knownObjects()
        let wasPaused = resumeCollector()
        defer { if wasPaused { pauseCollector() } }
        let head = try wire { () throws(WireError) in try reader.peek() }
        let function = try newRoot(&reader)
        // Names have been checked.
        if head.major != .text { try known.checkCall(of: function.pointer) }
        let arguments = try ArgumentVector(
            from: &reader, decoder: &self, internedNames: known.internedNames)
        return try arguments.apply(to: function.pointer)
    }

    /// The values of the script that is performed.
    func scriptValues() throws(ConversionFailure) -> ScriptValues {
        guard let script = objects?.script else {
            throw .malformed(.malformed("a step has no meaning here", offset: 0))
        }
        return script
    }

    func position(_ reader: inout CBORReader) throws(ConversionFailure) -> UInt64 {
        try wire { () throws(WireError) in try reader.unsigned() }
    }

    private func knownObjects() throws(ConversionFailure) -> ArgumentObjects {
        guard let objects else {
            throw .malformed(.malformed("an object has no meaning here", offset: 0))
        }
        return objects
    }
}
