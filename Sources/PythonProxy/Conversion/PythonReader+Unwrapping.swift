import ProxyWire

extension PythonReader {
    /// Reads a value that has a form of its own as the type asked for, which knows only plain values: an
    /// enumeration as its value, a dataclass as a dict, a masked array as a list.
    ///
    /// - Returns: nil if the next value has no plain form. It is then still the next value.
    /// - Throws: `ConversionError` if the plain form does not fit.
    mutating func unwrapped<Value: Decodable>(as type: Value.Type) throws -> Value? {
        guard var plain = try openPlain(asList: type is any ListLike.Type) else { return nil }
        return try plain.decode(decodable: type)
    }

    /// Reads a value of no type that is read as the one asked for directly: by its plain form, if it has one.
    ///
    /// - Throws: `ConversionError` if it has none, or if that does not fit either.
    mutating func readPlain<Value: Decodable>(as type: Value.Type) throws -> Value {
        if let value = try unwrapped(as: type) { return value }
        throw mismatch(type)
    }

    /// Goes past a value that has a form of its own, and returns a reader that stands before its plain form.
    ///
    /// - Parameter asList: whether a list is wanted, rather than a dict, where there are both.
    /// - Returns: nil if the next value has no plain form. It is then still the next value.
    mutating func openPlain(asList: Bool) throws -> PythonReader? {
        guard part == nil, let head = try? cbor.peek(), head.major == .tag else { return nil }
        switch head.argument {
        case CBORTag.enumeration, CBORTag.dataclass, CBORTag.namespace, CBORTag.compas:
            var content = self
            // Bounds how deep such values can stand in one another.
            try skip()
            // The content ends with what is wanted.
            _ = try content.cbor.head()
            let list = try content.cbor.head()
            guard list.major == .array, !list.isIndefinite, list.argument > 0 else {
                throw WireError.malformed("a tag without its parts", offset: content.cbor.offset)
            }
            for _ in 1..<list.argument { try content.cbor.skip() }
            return content
        case CBORTag.set, CBORTag.frozenset, CBORTag.bytearray, CBORTag.memoryview, CBORTag.range,
            CBORTag.path, CBORTag.uuid, CBORTag.maskedArray, CBORTag.pandas, CBORTag.namedTuple,
            CBORTag.array, CBORTag.scalar:
            var ahead = cbor
            let value = try PythonValue(from: &ahead)
            let plain: PythonValue?
            do { plain = try value.plain(asList: asList) } catch is ContentMismatch {
                throw WireError.malformed(
                    "a value whose parts are not what belongs there", offset: cbor.offset)
            }
            guard let plain else { return nil }
            cbor = ahead
            return try PythonReader(plain)
        default: return nil
        }
    }

    /// A reader of a value that did not come in a frame.
    private init(_ value: PythonValue) throws {
        let buffer = FrameBuffer()
        var writer = PythonWriter(buffer, limits: Limits())
        try value.encode(into: &writer)
        self.init(CBORReader(buffer.payload, maximumDepth: Limits().depth))
        backing = buffer
    }
}

/// A Swift type that is made from a list.
protocol ListLike {}

extension Array: ListLike {}
extension Set: ListLike {}
