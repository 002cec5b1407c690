import ProxyWire

/// A type that this package makes from Python values directly.
///
/// Conformances are provided by this package. Make your own types `Decodable`: they are made from
/// dicts, lists or single values, as their `init(from:)` says.
public protocol PythonDecodable: Decodable {
    /// Reads the value.
    init(from reader: inout PythonReader) throws
}

/// Where values are read on their way from Python.
///
/// It stands before a value: the next item of the frame, or a part of an array that has been opened.
public struct PythonReader {
    /// SAFETY: points into the frame and lives only inside `InboundFrame.read`, or into `backing`.
    var cbor: CBORReader
    /// If set, the value is this array or element of one, not the next item of the frame.
    var part: ArrayPart?
    /// Holds what `cbor` reads if that is no frame.
    var backing: FrameBuffer?

    struct ArrayPart {
        let shape: ArraySlice<Int>
        let elements: Elements

        /// The parts along the first dimension.
        func item(_ index: Int) -> ArrayPart {
            let stride = elements.count / max(shape.first ?? 1, 1)
            return ArrayPart(
                shape: shape.dropFirst(),
                elements: elements[index * stride..<(index + 1) * stride])
        }
    }

    init(_ cbor: CBORReader) {
        self.cbor = cbor
    }

    /// Reads a value as the type asked for, whichever way it is decodable.
    mutating func decode<Value: Decodable>(decodable type: Value.Type) throws -> Value {
        // The usual ones first: to find out how an array is decoded takes longer than to decode a short one.
        if type == [Double].self { return try decode([Double].self, as: type) }
        if type == [[Double]].self { return try decode([[Double]].self, as: type) }
        if type == [Int].self { return try decode([Int].self, as: type) }
        if type == NDArray<Double>.self { return try decode(NDArray<Double>.self, as: type) }
        if let direct = type as? any PythonDecodable.Type {
            return try decode(direct, as: type)
        }
        let decoder = DecodableReader(reader: self, codingPath: [])
        let value = try type.init(from: decoder)
        try skip()
        return value
    }

    private mutating func decode<Direct: PythonDecodable, Value>(
        _: Direct.Type, as _: Value.Type
    ) throws -> Value {
        // SAFETY: the types are the same. (A cast of an array would cast each of its elements.)
        unsafeBitCast(try Direct(from: &self), to: Value.self)
    }

    mutating func skip() throws {
        if part == nil { try cbor.skip() } else { part = nil }
    }

    /// A word for the next value: "a list".
    func noun() -> String {
        if let part { return part.shape.isEmpty ? "a number of an array" : "an array" }
        guard let head = try? cbor.peek() else { return "nothing" }
        return head.major == .tag ? Self.nouns[head.argument] ?? head.noun : head.noun
    }

    private static let nouns: [UInt64: String] = [
        CBORTag.tuple: "a tuple", CBORTag.rowMajorArray: "a numpy array",
        CBORTag.numpyScalar: "a numpy scalar", CBORTag.complex: "a complex",
        CBORTag.positiveBignum: "an int of more than 64 bits",
        CBORTag.negativeBignum: "an int of more than 64 bits",
        CBORTag.booleanElements: "a list", CBORTag.complexElements: "a list",
        CBORTag.array: "a numpy array of no numbers",
        CBORTag.scalar: "a numpy scalar that is no number", CBORTag.maskedArray: "a masked array",
        CBORTag.sparseArray: "a sparse array", CBORTag.pandas: "a value of pandas",
        CBORTag.compas: "an object of COMPAS", CBORTag.bytearray: "a bytearray",
        CBORTag.memoryview: "a memoryview", CBORTag.set: "a set",
        CBORTag.frozenset: "a frozenset", CBORTag.range: "a range", CBORTag.slice: "a slice",
        CBORTag.decimal: "a Decimal", CBORTag.specialDecimal: "a Decimal",
        CBORTag.rational: "a Fraction", CBORTag.dateTimeText: "a datetime",
        CBORTag.dateTime: "a datetime", CBORTag.date: "a date", CBORTag.time: "a time",
        CBORTag.duration: "a timedelta", CBORTag.uuid: "a UUID", CBORTag.path: "a Path",
        CBORTag.enumeration: "a member of an enumeration", CBORTag.namedTuple: "a named tuple",
        CBORTag.dataclass: "a dataclass", CBORTag.namespace: "a SimpleNamespace",
    ].merging(CBORTag.typedArrays.map { ($0, "a list") }) { $1 }

    func mismatch(_ type: Any.Type, _ hint: String = "") -> ConversionError {
        var ahead = cbor
        if part == nil, let head = try? cbor.peek(), head.major == .tag,
            head.argument == CBORTag.opaque,
            let opaque = try? PythonOpaqueValue(tag: CBORTag.opaque, from: &ahead)
        {
            return ConversionError(opaque.reason)
        }
        return ConversionError("\(noun()) is no \(type)\(hint.isEmpty ? "" : "; \(hint)")")
    }
}
