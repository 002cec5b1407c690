import CPythonABI
import ProxyWire

/// What is wanted as something: objects that offer the protocol for it are converted before they are written.
extension ObjectEncoder {
    mutating func encode(
        _ borrowed: PythonReference, as schema: ValueSchema, inside step: @autoclosure () -> String
    ) throws(ConversionFailure) {
        do { try encode(borrowed, as: schema) } catch { throw error.inside(step()) }
        // Of the container: the value itself has had a bound of its own.
        try checkRoom(for: 0)
    }

    mutating func encode(
        _ borrowed: PythonReference, as schema: ValueSchema
    ) throws(ConversionFailure) {
        switch schema {
        case .exact: return try encodeAsIs(borrowed, schema)
        case .value, .untyped: return try encodeOrReplace(borrowed, schema)
        case .object:
            return encodeObject(borrowed, reason: "the client has left")
        default: break
        }
        if case .optional(let wrapped) = schema {
            if borrowed == py._Py_NoneStruct { return writer.null() }
            return try encode(borrowed, as: wrapped)
        }
        if isDirect(borrowed, schema) || borrowed == py._Py_NoneStruct {
            return try encodeAsIs(borrowed, schema)
        }
        // The client makes lists of arrays of numbers; those of objects are made here.
        if numpy?.isPlainArray(borrowed) == true, try encodeArray(borrowed) { return }
        guard let converted = try codec.convert(borrowed, as: schema) else {
            // The client says what it expected.
            return try encodeAsIs(borrowed, .value)
        }
        if case .list(let row) = schema, converted.pointer.isExactly(py.PyDict_Type) {
            return try encodeTable(converted.pointer, row: row)
        }
        try encodeAsIs(converted.pointer, schema)
    }

    /// Writes the columns of a table.
    ///
    /// - Parameters:
    ///   - borrowedColumns: a dict of them by their labels.
    ///   - row: what each row is wanted as.
    private mutating func encodeTable(
        _ borrowedColumns: PythonReference, row: ValueSchema
    ) throws(ConversionFailure) {
        writer.tag(CBORTag.table)
        let column = row.ofColumns
        try encodeDictionary(borrowedColumns, as: column)
    }

    /// Writes an object; or, if it cannot be copied, or nobody has said that so much is wanted, a reference to it.
    private mutating func encodeOrReplace(
        _ borrowed: PythonReference, _ schema: ValueSchema
    ) throws(ConversionFailure) {
        let (start, loanCount, depth) = (writer.buffer.count, writer.buffer.loanCount, depth)
        let objectCount = objects?.numbers.count ?? 0
        let outerEnd = end
        if schema == .untyped, !isInTag { end = size + Self.longestUntyped }
        defer { end = outerEnd }
        do {
            try encodeAsIs(borrowed, schema)
        } catch {
            guard case .unsupported(let value) = error, value.extent != .whole,
                value.extent != .tagged || !isInTag
            else { throw error }
            writer.buffer.truncate(to: start, loanCount: loanCount)
            repetitions.forget(after: loanCount)
            self.depth = depth
            objects?.takeBack(to: objectCount)
            encodeObject(borrowed, reason: value.message)
        }
    }

    /// How much has been written, in bytes, shared memory included.
    private var size: Int { writer.buffer.count + writer.buffer.lentBytes }

    /// Throws if so many more bytes are more than an untyped value may have.
    func checkRoom(for length: Int) throws(ConversionFailure) {
        guard size > end - length else { return }
        throw .unsupported(
            "it is larger than \(Self.longestUntyped >> 20) MB, and no type has been asked for",
            .tagged)
    }

    /// Writes an object that stays on the server; or, if there is no client for it, which class it is of.
    ///
    /// - Parameter reason: why it is not copied.
    func encodeObject(_ borrowed: PythonReference, reason: String) {
        if let number = objects?.keep(borrowed) {
            writer.tag(CBORTag.object)
            writer.array(count: 2)
            writer.unsigned(number)
            writer.text(typeName(of: borrowed))
            return
        }
        writer.tag(CBORTag.opaque)
        writer.array(count: 2)
        writer.text(typeName(of: borrowed))
        writer.text(reason)
    }

    /// Whether an object is a container or scalar of the kind that is wanted.
    private func isDirect(_ borrowed: PythonReference, _ schema: ValueSchema) -> Bool {
        switch schema {
        case .value, .optional, .untyped, .exact: true
        case .text: borrowed.isExactly(py.PyUnicode_Type)
        case .object: false
        case .boolean, .integer, .float, .complex:
            borrowed.isExactly(py.PyFloat_Type) || borrowed.isExactly(py.PyLong_Type)
                || borrowed.isExactly(py.PyUnicode_Type) || borrowed == py._Py_TrueStruct
                || borrowed == py._Py_FalseStruct || borrowed.isExactly(py.PyComplex_Type)
        case .bytes: borrowed.isExactly(py.PyBytes_Type)
        case .array: numpy?.isPlainArray(borrowed) == true
        case .list, .tuple:
            borrowed.isExactly(py.PyList_Type) || borrowed.isExactly(py.PyTuple_Type)
        case .mapping, .record: borrowed.isExactly(py.PyDict_Type)
        }
    }
}

extension ValueSchema {
    /// What an item of a list or tuple is wanted as.
    func item(_ index: Int) -> ValueSchema {
        switch self {
        case .list(let element): element
        case .tuple(let elements) where index < elements.count: elements[index]
        default: ofParts
        }
    }

    /// What the parts of a value are written as that is not what the schema says.
    var ofParts: ValueSchema {
        switch self {
        case .untyped, .exact: self
        default: .value
        }
    }

    /// The columns of a table whose rows are wanted as this.
    var ofColumns: ValueSchema {
        switch self {
        case .record(let fields): .record(fields.mapValues { .list($0) })
        case .mapping(let key, let value): .mapping(key: key, value: .list(value))
        default: .mapping(key: .exact, value: .list(ofParts))
        }
    }

    /// What the value for a key is wanted as.
    func entry(_ borrowedKey: PythonReference) -> ValueSchema {
        switch self {
        case .mapping(_, let value): return value
        case .record(let fields):
            guard borrowedKey.isExactly(py.PyUnicode_Type), let name = try? swiftString(borrowedKey)
            else {
                py.PyErr_Clear()
                return .untyped
            }
            return fields[name] ?? .untyped
        default: return ofParts
        }
    }

    /// What a key is wanted as.
    var key: ValueSchema {
        if case .mapping(let key, _) = self { key } else { ofParts }
    }
}
