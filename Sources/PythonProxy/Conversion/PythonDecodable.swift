import ProxyWire

/// A type that this package makes from Python values directly.
///
/// Conformances are provided by this package. Make your own types `Decodable`: they are made from
/// dicts, lists or single values, as their `init(from:)` says.
public protocol PythonDecodable {
    /// Reads the value.
    init(from reader: inout PythonReader) throws
}

/// Where values are read on their way from Python.
///
/// It stands before a value: the next item of the frame, or a part of an array that has been opened.
public struct PythonReader {
    /// SAFETY: points into the frame; lives only inside `InboundFrame.read`.
    var cbor: CBORReader
    /// If set, the value is this array or element of one, not the next item of the frame.
    var part: ArrayPart?

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
        if let direct = type as? any PythonDecodable.Type,
            // The cast cannot fail: `direct` is `type`.
            let value = try direct.init(from: &self) as? Value
        {
            return value
        }
        let decoder = DecodableReader(reader: self, codingPath: [])
        let value = try type.init(from: decoder)
        try skip()
        return value
    }

    mutating func skip() throws {
        if part == nil { try cbor.skip() } else { part = nil }
    }

    /// A word for the next value: "a list".
    func noun() -> String {
        if let part { return part.shape.isEmpty ? "a number of an array" : "an array" }
        guard let head = try? cbor.peek() else { return "nothing" }
        guard head.major == .tag else { return head.noun }
        switch head.argument {
        case CBORTag.tuple: return "a tuple"
        case CBORTag.rowMajorArray: return "a numpy array"
        case CBORTag.numpyScalar: return "a numpy scalar"
        case CBORTag.complex: return "a complex"
        case CBORTag.positiveBignum, CBORTag.negativeBignum: return "an int of more than 64 bits"
        case CBORTag.typedArrays, CBORTag.booleanElements, CBORTag.complexElements: return "a list"
        default:
            // A name that says more than the number of the tag.
            var ahead = cbor
            guard let value = try? PythonValue(from: &ahead) else { return head.noun }
            return value.typeNoun
        }
    }

    func mismatch(_ type: Any.Type, _ hint: String = "") -> ConversionError {
        ConversionError("\(noun()) is no \(type)\(hint.isEmpty ? "" : "; \(hint)")")
    }
}
