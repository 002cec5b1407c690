import ProxyWire

extension PythonReader {
    /// Reads a value that has a form of its own as the type asked for, which knows only plain values: an
    /// enumeration as its value, a dataclass as a dict, a masked array as a list.
    ///
    /// - Returns: nil if the next value has no plain form. It is then still the next value.
    /// - Throws: `ConversionError` if the plain form does not fit.
    mutating func unwrapped<Value: Decodable>(as type: Value.Type) throws -> Value? {
        guard part == nil, let head = try? cbor.peek(), head.major == .tag else { return nil }
        switch head.argument {
        case CBORTag.enumeration, CBORTag.dataclass, CBORTag.namespace, CBORTag.compas:
            // The content ends with what is wanted.
            let start = cbor.offset
            _ = try cbor.head()
            let list = try cbor.head()
            guard list.major == .array, !list.isIndefinite, list.argument > 0 else {
                throw WireError.malformed("a tag without its parts", offset: start)
            }
            for _ in 1..<list.argument { try cbor.skip() }
            return try decode(decodable: type)
        case CBORTag.set, CBORTag.frozenset, CBORTag.bytearray, CBORTag.memoryview, CBORTag.range,
            CBORTag.path, CBORTag.uuid, CBORTag.maskedArray, CBORTag.pandas, CBORTag.namedTuple,
            CBORTag.array, CBORTag.scalar:
            var ahead = cbor
            let value = try PythonValue(from: &ahead)
            guard let plain = try value.plain(asList: type is any ListLike.Type) else { return nil }
            let result = try ValueCoding.plainly(decode: type, from: plain)
            cbor = ahead
            return result
        default: return nil
        }
    }
}

/// A Swift type that is made from a list.
protocol ListLike {}

extension Array: ListLike {}
extension Set: ListLike {}
