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
        guard isInFrame, let head = try? cbor.peek(), head.major == .tag else { return nil }
        if head.argument == CBORTag.described, let plain = try openDescribed() { return plain }
        guard !CBORTag.isBasic(head.argument) else { return nil }
        var ahead = self
        let value = try PythonValue(from: &ahead)
        let plain: PythonValue?
        do { plain = try value.plain(asList: asList) } catch is ContentMismatch {
            throw WireError.malformed(
                "a value whose parts are not what belongs there", offset: cbor.offset)
        }
        guard let plain else { return nil }
        cbor = ahead.cbor
        return try PythonReader(plain)
    }

    /// Goes past a described value, and returns a reader before its plain form in the frame; nil if it has none there.
    private mutating func openDescribed() throws -> PythonReader? {
        var value = self
        _ = try value.cbor.head()
        try value.cbor.array(count: 5)
        // The content, behind its tag.
        var content = value
        _ = try content.cbor.head()
        for _ in 0..<4 { try value.cbor.skip() }
        let start = value.cbor.offset
        let head = try value.cbor.head()
        if head.isBoolean {
            guard head.info == 21 else { return nil }
        } else if head.major == .unsigned {
            let list = try content.cbor.head()
            guard list.major == .array, !list.isIndefinite, head.argument < list.argument else {
                throw WireError.malformed("a plain form that is not there", offset: start)
            }
            for _ in 0..<head.argument { try content.cbor.skip() }
        } else {
            guard head.major == .array, !head.isIndefinite, head.argument == 1 else {
                throw WireError.malformed("a plain form that is none", offset: start)
            }
            content = value
        }
        // Bounds how deep such values can stand in one another.
        try skip()
        return content
    }

    /// A reader of a value that did not come in a frame.
    init(_ value: PythonValue) throws {
        let buffer = FrameBuffer()
        let objects = ObjectScope()
        var writer = PythonWriter(
            buffer, limits: Limits(), keepsDescriptions: true, objects: objects)
        try value.encode(into: &writer)
        self.init(CBORReader(buffer.payload, maximumDepth: Limits().depth), objects: objects)
        backing = Backing(buffer: buffer, objects: objects)
    }
}

/// A Swift type that is made from a list.
protocol ListLike {}

extension Array: ListLike {}
extension Set: ListLike {}
