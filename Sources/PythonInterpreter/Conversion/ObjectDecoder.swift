import CPythonABI
import ProxyWire

/// Makes Python objects from CBOR, straight from the frame.
///
/// For a thread that holds the GIL.
struct ObjectDecoder {
    private let numbers: IntegerBytes
    private let codec: ValueCodec
    private var numpy: Numpy?
    private var pause: CollectorPause?
    /// Nil where there are none.
    let objects: ArgumentObjects?

    init(
        numbers: IntegerBytes, codec: ValueCodec, numpy: Numpy?, objects: ArgumentObjects? = nil
    ) {
        self.objects = objects
        self.numbers = numbers
        self.codec = codec
        self.numpy = numpy
    }

    // MARK: The collector

    mutating func pauseCollector() { pause = CollectorPause() }

    /// Before Python code may run.
    ///
    /// - Returns: whether the collector was paused.
    @discardableResult
    mutating func resumeCollector() -> Bool {
        guard let pause else { return false }
        pause.end()
        self.pause = nil
        return true
    }

    mutating func decode(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let start = reader.offset
        let head = try wire { () throws(WireError) in try reader.head() }
        switch head.major {
        case .unsigned: return try owning(py.PyLong_FromUnsignedLongLong(head.argument))
        case .negative: return try newNegative(head.argument)
        case .bytes: return try newBytes(head, &reader)
        case .text: return try newText(head, &reader)
        case .array: return try newList(head, &reader)
        case .map: return try newDictionary(head, &reader)
        case .tag: return try newTagged(head.argument, &reader)
        case .simple:
            if head.isFloat { return try owning(py.PyFloat_FromDouble(head.double)) }
            if head.isNull { return OwnedReference(borrowing: py._Py_NoneStruct) }
            if head.isBoolean {
                return OwnedReference(
                    borrowing: head.info == 21 ? py._Py_TrueStruct : py._Py_FalseStruct)
            }
            throw .malformed(.malformed("\(head.noun) has no meaning here", offset: start))
        }
    }

    /// Decodes an item of a container; `step` says where it stands if that fails.
    private mutating func decode(
        _ reader: inout CBORReader, inside step: @autoclosure () -> String
    ) throws(ConversionFailure) -> OwnedReference {
        do { return try decode(&reader) } catch { throw error.inside(step()) }
    }

    // MARK: Scalars

    private func newNegative(_ argument: UInt64) throws(ConversionFailure) -> OwnedReference {
        if argument <= UInt64(Int64.max) {
            return try owning(py.PyLong_FromLongLong(-1 - Int64(argument)))
        }
        let magnitude = try owning(py.PyLong_FromUnsignedLongLong(argument))
        return try owning(py.PyNumber_Invert(magnitude.pointer))
    }

    private func newText(
        _ head: CBORHead, _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let start = reader.offset
        if !head.isIndefinite {
            let content = try wire { () throws(WireError) in try reader.content(of: head) }
            guard
                let string = py.PyUnicode_FromStringAndSize(
                    content.baseAddress?.assumingMemoryBound(to: CChar.self), content.count)
            else {
                py.PyErr_Clear()
                throw .malformed(.malformed("text that is not valid UTF-8", offset: start))
            }
            return OwnedReference(owning: string)
        }
        return try newString(try wire { () throws(WireError) in try reader.text(of: head) })
    }

    private func newBytes(
        _ head: CBORHead, _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let joined = try wire { () throws(WireError) in try joinedBytes(head, &reader) }
        return try PythonInterpreter.newBytes(joined)
    }

    private func joinedBytes(
        _ head: CBORHead, _ reader: inout CBORReader
    ) throws(WireError) -> [UInt8] {
        if !head.isIndefinite { return Array(try reader.content(of: head)) }
        var bytes: [UInt8] = []
        try reader.chunks(of: head) { bytes.append(contentsOf: $0) }
        return bytes
    }

    // MARK: Containers

    private mutating func newList(
        _ head: CBORHead, _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let count = try wire { () throws(WireError) in try reader.enter(head) }
        let list = try owning(py.PyList_New(count ?? 0))
        var index = 0
        while try wire({ () throws(WireError) in try reader.hasItem(index, of: count) }) {
            let item = try decode(&reader, inside: "[\(index)]")
            if count == nil {
                try checking(py.PyList_Append(list.pointer, item.pointer))
            } else {
                try checking(py.PyList_SetItem(list.pointer, index, item.release()))
            }
            index += 1
        }
        reader.leave()
        return list
    }

    private mutating func newDictionary(
        _ head: CBORHead, _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let count = try wire { () throws(WireError) in try reader.enter(head) }
        let dictionary = try owning(py.PyDict_New())
        var index = 0
        while try wire({ () throws(WireError) in try reader.hasItem(index, of: count) }) {
            let key = try decode(&reader, inside: " (a key)")
            let keyPointer = key.pointer
            let value = try decode(&reader, inside: "[\(shortRepresentation(keyPointer))]")
            if py.PyDict_SetItem(dictionary.pointer, key.pointer, value.pointer) < 0 {
                guard py.PyErr_ExceptionMatches(py.PyExc_TypeError.pointee) != 0 else {
                    throw .raised
                }
                py.PyErr_Clear()
                throw .unsupported(
                    "a \(typeName(of: key.pointer)) is not hashable and cannot be a key of a dict")
            }
            index += 1
        }
        reader.leave()
        return dictionary
    }

    private mutating func newTuple(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let start = reader.offset
        let head = try wire { () throws(WireError) in try reader.head() }
        guard head.major == .array,
            let count = try wire({ () throws(WireError) in try reader.enter(head) })
        else {
            throw .malformed(.malformed("a tuple must be an array of known length", offset: start))
        }
        let tuple = try owning(py.PyTuple_New(count))
        for index in 0..<count {
            let item = try decode(&reader, inside: "[\(index)]")
            try checking(py.PyTuple_SetItem(tuple.pointer, index, item.release()))
        }
        reader.leave()
        return tuple
    }

    // MARK: Tags

    private mutating func newTagged(
        _ tag: UInt64, _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let start = reader.offset
        switch tag {
        case CBORTag.tuple:
            return try newTuple(&reader)
        case CBORTag.sharedBytes:
            let bytes = try wire { () throws(WireError) in try reader.sharedBytes().bytes }
            return try owning(
                py.PyBytes_FromStringAndSize(
                    bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count))
        case CBORTag.positiveBignum, CBORTag.negativeBignum:
            let head = try wire { () throws(WireError) in try reader.head() }
            guard head.major == .bytes else {
                throw .malformed(.malformed("a bignum must be bytes", offset: start))
            }
            let bytes = try wire { () throws(WireError) in try joinedBytes(head, &reader) }
            return try numbers.newInteger(
                magnitude: bytes, isNegative: tag == CBORTag.negativeBignum)
        case CBORTag.complex:
            return try newComplex(&reader)
        case CBORTag.rowMajorArray:
            let (shape, elements) = try wire { () throws(WireError) in
                try reader.rowMajorArray()
            }
            return try requireNumpy().newArray(shape: shape, elements: elements)
        case CBORTag.numpyScalar:
            let elements = try wire { () throws(WireError) in try reader.elements() }
            guard elements.count == 1 else {
                throw .malformed(
                    .malformed("a numpy scalar must be one element", offset: start))
            }
            return try requireNumpy().newScalar(elements)
        case CBORTag.typedArrays, CBORTag.booleanElements, CBORTag.complexElements:
            let elements = try wire { () throws(WireError) in try reader.elements(tag: tag) }
            return try newList(elements)
        case CBORTag.object: return try newObject(&reader)
        case CBORTag.reference: return try newPathValue(&reader)
        case CBORTag.operation: return try newOperationValue(&reader)
        case CBORTag.invocation: return try newInvocationValue(&reader)
        case CBORTag.step: return try scriptValues().value(try position(&reader))
        case CBORTag.operand: return try scriptValues().operand(try position(&reader))
        case CBORTag.constant:
            try wire { () throws(WireError) in try reader.deepen() }
            defer { reader.leave() }
            return try decode(&reader)
        default:
            // Tags within tags are bounded like other nesting.
            try wire { () throws(WireError) in try reader.deepen() }
            let content = try decode(&reader)
            reader.leave()
            let wasPaused = resumeCollector()
            defer { if wasPaused { pauseCollector() } }
            return try codec.restore(tag: tag, content)
        }
    }

    private func newComplex(
        _ reader: inout CBORReader
    ) throws(ConversionFailure) -> OwnedReference {
        let (real, imaginary) = try wire { () throws(WireError) in
            try reader.array(count: 2)
            let start = reader.offset
            let (real, imaginary) = (try reader.head(), try reader.head())
            guard real.isFloat, imaginary.isFloat else {
                throw .malformed("the parts of a complex number must be floats", offset: start)
            }
            return (real.double, imaginary.double)
        }
        return try owning(py.PyComplex_FromDoubles(real, imaginary))
    }

    private mutating func requireNumpy() throws(ConversionFailure) -> Numpy {
        if numpy == nil {
            let wasPaused = resumeCollector()
            defer { if wasPaused { pauseCollector() } }
            numpy = try Numpy.imported()
        }
        guard let numpy else {
            throw .unsupported(
                "an array becomes a numpy array, but numpy is not installed in the server's "
                    + "environment; install it there, or pass a nested list")
        }
        return numpy
    }

    /// A list from a typed array that stands alone.
    private func newList(_ elements: Elements) throws(ConversionFailure) -> OwnedReference {
        let list = try owning(py.PyList_New(elements.count))
        if elements.type == .float64, !elements.isBigEndian {
            // The most frequent kind, without a look at the type for each item.
            for index in 0..<elements.count {
                let bits = elements.bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
                let number = py.PyFloat_FromDouble(Double(bitPattern: UInt64(littleEndian: bits)))
                _ = py.PyList_SetItem(list.pointer, index, try borrowing(number))
            }
            return list
        }
        for index in 0..<elements.count {
            let item = try owning(newNumber(elements, index * elements.type.size))
            try checking(py.PyList_SetItem(list.pointer, index, item.release()))
        }
        return list
    }

    private func newNumber(_ elements: Elements, _ offset: Int) -> PythonReference? {
        func load<Bits: FixedWidthInteger>(_ type: Bits.Type, at offset: Int) -> Bits {
            let bits = elements.bytes.loadUnaligned(fromByteOffset: offset, as: type)
            return elements.isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)
        }
        func double(at offset: Int, isWide: Bool) -> Double {
            isWide
                ? Double(bitPattern: load(UInt64.self, at: offset))
                : Double(Float(bitPattern: load(UInt32.self, at: offset)))
        }
        switch elements.type {
        case .float64: return py.PyFloat_FromDouble(double(at: offset, isWide: true))
        case .float32: return py.PyFloat_FromDouble(double(at: offset, isWide: false))
        case .float16:
            return py.PyFloat_FromDouble(Double(halfBits: load(UInt16.self, at: offset)))
        case .int64: return py.PyLong_FromLongLong(load(Int64.self, at: offset))
        case .int32: return py.PyLong_FromLongLong(Int64(load(Int32.self, at: offset)))
        case .int16: return py.PyLong_FromLongLong(Int64(load(Int16.self, at: offset)))
        case .int8: return py.PyLong_FromLongLong(Int64(load(Int8.self, at: offset)))
        case .uint64: return py.PyLong_FromUnsignedLongLong(load(UInt64.self, at: offset))
        case .uint32: return py.PyLong_FromUnsignedLongLong(UInt64(load(UInt32.self, at: offset)))
        case .uint16: return py.PyLong_FromUnsignedLongLong(UInt64(load(UInt16.self, at: offset)))
        case .uint8: return py.PyLong_FromUnsignedLongLong(UInt64(load(UInt8.self, at: offset)))
        case .bool:
            let value = elements.bytes[offset] == 0 ? py._Py_FalseStruct : py._Py_TrueStruct
            py.Py_IncRef(value)
            return value
        case .complex64, .complex128:
            let isWide = elements.type == .complex128
            return py.PyComplex_FromDoubles(
                double(at: offset, isWide: isWide),
                double(at: offset + elements.type.numberSize, isWide: isWide))
        }
    }
}
