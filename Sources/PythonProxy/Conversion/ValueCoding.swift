import ProxyWire

/// Encoding and decoding outside of a call.
enum ValueCoding {
    /// What is read: the frame, and where the objects in it are that stay on a server.
    struct Encoded {
        let frame: InboundFrame
        /// Of a result.
        var home: (any ObjectHome)?
        /// Of a value that is here already.
        var objects: ObjectScope?
    }

    /// A value as it would travel from the server.
    static func encode(_ value: any Encodable, limits: Limits = Limits()) throws -> Encoded {
        let buffer = FrameBuffer()
        let objects = ObjectScope()
        var writer = PythonWriter(
            buffer, limits: limits, keepsDescriptions: true, objects: objects)
        do { try writer.encode(value) } catch { throw ProxyError(wrapping: error) }
        return Encoded(
            frame: InboundFrame(kind: .reply, callID: 0, buffer: buffer), objects: objects)
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from encoded: Encoded, as root: String = "",
        limits: Limits = Limits()
    ) throws -> Value {
        try read(encoded, root, limits) { try $0.decode(decodable: type) }
    }

    /// The items of a tuple or list of exactly as many.
    static func decode<each Value: Decodable>(
        tuple: (repeat each Value).Type, from encoded: Encoded, as root: String = "",
        limits: Limits = Limits()
    ) throws -> (repeat each Value) {
        try read(encoded, root, limits) { reader in
            let start = reader
            guard var items = try reader.itemReaders() else { throw start.mismatch(tuple) }
            var count = 0
            for _ in repeat (each Value).self { count += 1 }
            guard items.count == count else {
                throw ConversionError(
                    "expected \(TypeName.of(tuple)), found \(start.noun()) of \(items.count) items; ask "
                        + "for a tuple of as many, or for an Array")
            }
            var index = 0
            func next<Item: Decodable>(_ type: Item.Type) throws -> Item {
                defer { index += 1 }
                return try ConversionError.inside(.index(index)) {
                    try items[index].decode(decodable: type)
                }
            }
            return (repeat try next((each Value).self))
        }
    }

    private static func read<Value>(
        _ encoded: Encoded, _ root: String, _ limits: Limits,
        _ body: (inout PythonReader) throws -> Value
    ) throws -> Value {
        var objects = encoded.objects
        defer { objects?.dropUnclaimed() }
        do {
            return try encoded.frame.read(limits: limits) { cbor in
                let numbers = try cbor.openObjects()
                if let numbers, !numbers.isEmpty {
                    objects = ObjectScope(home: encoded.home)
                    objects?.arrived(numbers)
                }
                var reader = PythonReader(cbor, objects: objects)
                let value = try ConversionError.inside(.root(root)) { try body(&reader) }
                cbor = reader.cbor
                // They have been read before.
                if numbers != nil { try cbor.skip() }
                return value
            }
        } catch {
            throw ProxyError(wrapping: error)
        }
    }
}

extension CBORReader {
    /// Goes past the beginning of a result with objects.
    ///
    /// - Returns: their numbers; nil if it is none.
    mutating func openObjects() throws(WireError) -> [UInt64]? {
        guard try peek().isTag(CBORTag.withObjects) else { return nil }
        _ = try head()
        try array(count: 2)
        var ahead = self
        try ahead.skip()
        return try ahead.numbers()
    }

    /// A list of numbers.
    package mutating func numbers() throws(WireError) -> [UInt64] {
        let start = offset
        let head = try head()
        guard head.major == .array, let count = try enter(head) else {
            throw .malformed("\(head.noun) where numbers of objects must stand", offset: start)
        }
        var numbers: [UInt64] = []
        for _ in 0..<count { numbers.append(try unsigned()) }
        leave()
        return numbers
    }
}

extension ProxyError {
    /// An error of reading or writing values, as users see it.
    init(wrapping error: any Error) {
        self =
            switch error {
            case let error as ProxyError: error
            case let error as ConversionError: .conversion(error)
            case let error as WireError: .protocolViolation("\(error)")
            case let error as DecodingError: .conversion(ConversionError(error))
            case let error as EncodingError: .conversion(ConversionError("\(error)"))
            default: .conversion(ConversionError("\(error)"))
            }
    }
}
