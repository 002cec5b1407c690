import CPythonABI
import ProxyWire

/// Writes Python objects as CBOR, straight from the object to the frame.
///
/// For a thread that holds the GIL. Objects are borrowed from the caller; those inside containers are
/// kept alive while they are written, because converting an array may run Python code that changes
/// the container.
struct ObjectEncoder: ~Copyable {
    let writer: CBORWriter
    private let maximumDepth: Int
    private let numbers: IntegerBytes
    let codec: ValueCodec
    private(set) var numpy: Numpy?
    var depth = 0
    var repetitions: Repetitions
    /// How much may have been written after the value that is being written, see `checkRoom`.
    var end = Int.max
    /// Whether the value that is being written is part of one that a tag stands for.
    private(set) var isInTag = false
    /// What stays on the server; nil where everything is copied.
    let objects: ResultObjects?

    /// Lists of numbers at least this long are written as one typed array.
    private static let typedListLength = 4
    /// An untyped value with more bytes stays on the server.
    static let longestUntyped = 1 << 20

    init(
        into buffer: FrameBuffer, maximumDepth: Int, numbers: IntegerBytes, codec: ValueCodec,
        numpy: Numpy?, objects: ResultObjects? = nil
    ) {
        self.objects = objects
        self.codec = codec
        self.repetitions = Repetitions(buffer)
        self.writer = CBORWriter(buffer)
        self.maximumDepth = maximumDepth
        self.numbers = numbers
        self.numpy = numpy
    }

    mutating func encode(_ borrowed: PythonReference) throws(ConversionFailure) {
        try encodeAsIs(borrowed, .exact)
    }

    /// Writes an object as what it is.
    ///
    /// - Parameter schema: what it is wanted as, which says how its parts are written.
    mutating func encodeAsIs(
        _ borrowed: PythonReference, _ schema: ValueSchema
    ) throws(ConversionFailure) {
        if borrowed.isExactly(py.PyFloat_Type) {
            writer.double(py.PyFloat_AsDouble(borrowed))
        } else if borrowed.isExactly(py.PyUnicode_Type) {
            try encodeString(borrowed)
        } else if borrowed.isExactly(py.PyLong_Type) {
            try encodeInteger(borrowed)
        } else if borrowed.isExactly(py.PyList_Type) {
            try encodeList(borrowed, as: schema)
        } else if borrowed.isExactly(py.PyTuple_Type) {
            try encodeTuple(borrowed, as: schema)
        } else if borrowed.isExactly(py.PyDict_Type) {
            try encodeDictionary(borrowed, as: schema)
        } else if borrowed == py._Py_NoneStruct {
            writer.null()
        } else if borrowed == py._Py_TrueStruct {
            writer.boolean(true)
        } else if borrowed == py._Py_FalseStruct {
            writer.boolean(false)
        } else if borrowed.isExactly(py.PyBytes_Type) {
            try encodeBytes(borrowed)
        } else if borrowed.isExactly(py.PyComplex_Type) {
            encodeComplex(borrowed)
        } else {
            try encodeUncommon(borrowed, schema)
        }
        if writer.buffer.isOverflowing {
            throw .unsupported(
                "the value is larger than the longest frame that the client accepts; "
                    + "return less, or in parts", .whole)
        }
    }

    /// Arrays and scalars of numbers, whatever the Python runtime converts, and subclasses of the built-in
    /// types, which cross as their base.
    private mutating func encodeUncommon(
        _ borrowed: PythonReference, _ schema: ValueSchema
    ) throws(ConversionFailure) {
        if numpy == nil { numpy = try Numpy.ifImported() }
        if let numpy {
            if numpy.isPlainArray(borrowed) {
                if try encodeArray(borrowed) { return }
            } else {
                // numpy.str_ and numpy.bytes_ cross as their base, like other subclasses; but float64, a
                // subclass of float, as a numpy scalar.
                let isText =
                    borrowed.isInstance(ofBuiltIn: BuiltInFlag.str)
                    || borrowed.isInstance(ofBuiltIn: BuiltInFlag.bytes)
                if !isText, try numpy.isScalar(borrowed), try encodeScalar(borrowed) { return }
            }
        }
        if let reduced = try codec.reduce(borrowed) {
            return try encode(reduced, of: borrowed, as: schema)
        }
        if borrowed.isInstance(ofBuiltIn: BuiltInFlag.str) {
            try encodeString(borrowed)
        } else if borrowed.isInstance(ofBuiltIn: BuiltInFlag.int) {
            try encodeInteger(borrowed)
        } else if borrowed.isInstance(ofBuiltIn: BuiltInFlag.list) {
            try encodeList(borrowed, as: schema)
        } else if borrowed.isInstance(ofBuiltIn: BuiltInFlag.tuple) {
            try encodeTuple(borrowed, as: schema)
        } else if borrowed.isInstance(ofBuiltIn: BuiltInFlag.dict) {
            try encodeDictionary(borrowed, as: schema)
        } else if borrowed.isInstance(ofBuiltIn: BuiltInFlag.bytes) {
            try encodeBytes(borrowed)
        } else if try isInstance(borrowed, py.PyFloat_Type) {
            writer.double(py.PyFloat_AsDouble(borrowed))
        } else if try isInstance(borrowed, py.PyComplex_Type) {
            encodeComplex(borrowed)
        } else {
            throw .unsupported(
                "a value of type \(typeName(of: borrowed)) cannot cross to the client; "
                    + "return it as built-in types or as a numpy array")
        }
    }

    private mutating func encode(
        _ reduced: consuming ValueCodec.Reduced, of borrowed: PythonReference,
        as schema: ValueSchema
    ) throws(ConversionFailure) {
        let content = reduced.content.pointer
        guard let tag = reduced.tag else {
            return try nested { (encoder) throws(ConversionFailure) in
                try encoder.encode(content, as: schema)
            }
        }
        let ofParts = schema.ofParts
        let isDescribed = ofParts != .exact && !CBORTag.hasNoDescription(tag)
        // A description is a tag and an array around the value.
        try nested(levels: isDescribed ? 3 : 1) { (encoder) throws(ConversionFailure) in
            let writer = encoder.writer
            if isDescribed {
                writer.tag(CBORTag.described)
                writer.array(count: 5)
            }
            let start = writer.buffer.count
            writer.tag(tag)
            let wasInTag = encoder.isInTag
            encoder.isInTag = true
            defer { encoder.isInTag = wasInTag }
            do throws(ConversionFailure) { try encoder.encode(content, as: ofParts) } catch {
                throw encoder.codec.inUsersTerms(error, tag: tag, content)
            }
            guard isDescribed else { return }
            let length = ofParts == .untyped ? writer.buffer.count - start : nil
            let description = try encoder.codec.describe(
                borrowed, tag: tag, content, length: length)
            for index in 0..<4 {
                let part = OwnedReference(
                    borrowing: try borrowing(py.PyTuple_GetItem(description.pointer, index)))
                try encoder.encode(part.pointer, as: ofParts)
            }
        }
    }

    private func isInstance(
        _ borrowed: PythonReference, _ type: PythonReference
    ) throws(ConversionFailure) -> Bool {
        let status = py.PyObject_IsInstance(borrowed, type)
        try checking(status)
        return status == 1
    }

    // MARK: Scalars

    private func encodeString(_ borrowed: PythonReference) throws(ConversionFailure) {
        var length = 0
        guard let start = py.PyUnicode_AsUTF8AndSize(borrowed, &length) else {
            py.PyErr_Clear()
            throw .unsupported(
                "a str with lone surrogates is not Unicode text and cannot cross; encode it to "
                    + "bytes, for example with os.fsencode")
        }
        try checkRoom(for: length)
        writer.text(utf8: UnsafeRawBufferPointer(start: start, count: length))
    }

    private func encodeInteger(_ borrowed: PythonReference) throws(ConversionFailure) {
        var overflow: Int32 = 0
        let value = py.PyLong_AsLongLongAndOverflow(borrowed, &overflow)
        if overflow == 0 {
            if value == -1, py.PyErr_Occurred() != nil { throw .raised }
            writer.integer(value)
            return
        }
        try numbers.withMagnitude(of: borrowed, isNegative: overflow < 0) { magnitude in
            if magnitude.count <= 8 {
                // Between 2⁶³ and 2⁶⁴ the plain integers of CBOR still suffice.
                let value = magnitude.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                writer.head(overflow < 0 ? .negative : .unsigned, value)
            } else {
                writer.bignum(isNegative: overflow < 0, magnitude: magnitude)
            }
        }
    }

    private mutating func encodeBytes(_ borrowed: PythonReference) throws(ConversionFailure) {
        var start: UnsafeMutablePointer<CChar>?
        var length = 0
        try checking(py.PyBytes_AsStringAndSize(borrowed, &start, &length))
        try checkRoom(for: length)
        try repetitions.note(borrowed, length: length)
        writer.bytes(UnsafeRawBufferPointer(start: start, count: length))
    }

    private func encodeComplex(_ borrowed: PythonReference) {
        writer.tag(CBORTag.complex)
        writer.array(count: 2)
        writer.double(py.PyComplex_RealAsDouble(borrowed))
        writer.double(py.PyComplex_ImagAsDouble(borrowed))
    }

    // MARK: Containers

    /// Encodes the items of a container that may stand in several places.
    private mutating func nested(
        _ borrowedContainer: PythonReference,
        _ body: (inout ObjectEncoder) throws(ConversionFailure) -> Void
    ) throws(ConversionFailure) {
        let start = try repetitions.begin(borrowedContainer)
        try nested(body)
        if let start { repetitions.end(borrowedContainer, begunAt: start) }
    }

    private mutating func nested(
        levels: Int = 1, _ body: (inout ObjectEncoder) throws(ConversionFailure) -> Void
    ) throws(ConversionFailure) {
        guard depth + levels <= maximumDepth else {
            throw .unsupported(
                "values nest deeper than \(maximumDepth) levels, or contain themselves",
                .whole)
        }
        depth += levels
        try body(&self)
        depth -= levels
    }

    /// - Parameter schema: of the list.
    mutating func encodeList(
        _ borrowed: PythonReference, as schema: ValueSchema
    ) throws(ConversionFailure) {
        let count = py.PyList_Size(borrowed)
        if count >= Self.typedListLength, schema.item(0) != .object,
            try encodeNumbers(borrowed, count)
        {
            return try repetitions.note(borrowed, length: count * 8)
        }
        try nested(borrowed) { (encoder) throws(ConversionFailure) in
            encoder.writer.array(count: count)
            for index in 0..<count {
                // Fails if converting an earlier item has shortened the list.
                let item = OwnedReference(
                    borrowing: try borrowing(py.PyList_GetItem(borrowed, index)))
                try encoder.encode(item.pointer, as: schema.item(index), inside: "[\(index)]")
            }
        }
    }

    /// Writes a list of only floats, or only ints of up to 64 bits, as one typed array.
    private func encodeNumbers(
        _ borrowed: PythonReference, _ count: Int
    ) throws(ConversionFailure) -> Bool {
        guard let first = py.PyList_GetItem(borrowed, 0) else { return false }
        let isFloat = first.isExactly(py.PyFloat_Type)
        guard isFloat || first.isExactly(py.PyLong_Type) else { return false }
        let type: PythonReference = isFloat ? py.PyFloat_Type : py.PyLong_Type
        // No Python code runs in here, so the list cannot change between the two passes.
        for index in 0..<count {
            guard let item = py.PyList_GetItem(borrowed, index), item.isExactly(type) else {
                return false
            }
            if !isFloat {
                var overflow: Int32 = 0
                _ = py.PyLong_AsLongLongAndOverflow(item, &overflow)
                if overflow != 0 { return false }
            }
        }
        try checkRoom(for: count * 8)
        let start = writer.elements(isFloat ? .float64 : .int64, count: count)
        if writer.buffer.isOverflowing { return true }
        for index in 0..<count {
            let item = py.PyList_GetItem(borrowed, index)
            if isFloat {
                start.storeBytes(
                    of: py.PyFloat_AsDouble(item).bitPattern.littleEndian,
                    toByteOffset: index * 8, as: UInt64.self)
            } else {
                var overflow: Int32 = 0
                start.storeBytes(
                    of: py.PyLong_AsLongLongAndOverflow(item, &overflow).littleEndian,
                    toByteOffset: index * 8, as: Int64.self)
            }
        }
        return true
    }

    /// - Parameter schema: of the tuple.
    mutating func encodeTuple(
        _ borrowed: PythonReference, as schema: ValueSchema
    ) throws(ConversionFailure) {
        try nested(borrowed) { (encoder) throws(ConversionFailure) in
            let count = py.PyTuple_Size(borrowed)
            encoder.writer.tag(CBORTag.tuple)
            encoder.writer.array(count: count)
            for index in 0..<count {
                // Held like the items of other containers, so that reference counts mean the same.
                let item = OwnedReference(
                    borrowing: try borrowing(py.PyTuple_GetItem(borrowed, index)))
                try encoder.encode(item.pointer, as: schema.item(index), inside: "[\(index)]")
            }
        }
    }

    /// - Parameter schema: of the dict.
    mutating func encodeDictionary(
        _ borrowed: PythonReference, as schema: ValueSchema
    ) throws(ConversionFailure) {
        try nested(borrowed) { (encoder) throws(ConversionFailure) in
            let count = py.PyDict_Size(borrowed)
            encoder.writer.map(count: count)
            var position = 0
            var written = 0
            var borrowedKey: PythonReference?
            var borrowedValue: PythonReference?
            while py.PyDict_Next(borrowed, &position, &borrowedKey, &borrowedValue) != 0 {
                guard let borrowedKey, let borrowedValue, written < count else { break }
                let key = OwnedReference(borrowing: borrowedKey)
                let value = OwnedReference(borrowing: borrowedValue)
                try encoder.encode(key.pointer, as: schema.key, inside: " (a key)")
                try encoder.encode(
                    value.pointer, as: schema.entry(key.pointer),
                    inside: "[\(shortRepresentation(key.pointer))]")
                written += 1
            }
            guard written == count, py.PyDict_Size(borrowed) == count else {
                throw .unsupported("a dict changed its size while it was converted")
            }
        }
    }
}
