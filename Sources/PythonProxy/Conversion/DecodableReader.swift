import ProxyWire

/// What a type's `init(from:)` sees: a decoder that reads straight from the frame.
///
/// Nothing is parsed twice: a keyed container finds the start of each value once, by skipping.
struct DecodableReader: Decoder {
    let reader: PythonReader
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(try KeyedReader<Key>(reader, codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try UnkeyedReader(reader, codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        SingleValueReader(reader: reader, codingPath: codingPath)
    }
}

extension PythonDecodable {
    /// Reads the value from this package's decoder.
    ///
    /// - Returns: nil if the decoder is another one.
    init?(directlyFrom decoder: any Decoder) throws {
        guard var reader = (decoder as? DecodableReader)?.reader else { return nil }
        try self.init(from: &reader)
    }
}

/// Reads one value for a key, which an error names.
private func decode<Value: Decodable>(
    _ type: Value.Type, from reader: PythonReader, at key: any CodingKey, _ step: String
) throws -> Value {
    var reader = reader
    do {
        return try reader.decode(decodable: type)
    } catch let error as ConversionError {
        throw error.inside(step)
    } catch DecodingError.keyNotFound(let missing, _) {
        throw missingKey(missing).inside(step)
    }
}

private func missingKey(_ key: any CodingKey) -> ConversionError {
    ConversionError("the dict has no key \(PythonRepresentation.of(key.stringValue))")
}

private struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let codingPath: [any CodingKey]
    private let values: [String: PythonReader]

    init(_ reader: PythonReader, _ codingPath: [any CodingKey]) throws {
        var reader = reader
        guard reader.part == nil, try reader.cbor.peek().major == .map else {
            guard let plain = try reader.openPlain(asList: false) else {
                throw ConversionError("\(reader.noun()) where a dict is expected")
            }
            self = try KeyedReader(plain, codingPath)
            return
        }
        self.codingPath = codingPath
        var values: [String: PythonReader] = [:]
        try reader.forEachEntry { reader in
            switch try PythonValue(from: &reader) {
            case .string(let key): values[key] = reader
            case .int(let key): values[String(key)] = reader
            default: break
            }
            try reader.skip()
        }
        self.values = values
    }

    var allKeys: [Key] { values.keys.compactMap { Key(stringValue: $0) } }
    func contains(_ key: Key) -> Bool { values[key.stringValue] != nil }

    private func value(_ key: any CodingKey) throws -> PythonReader {
        guard let value = values[key.stringValue] else { throw missingKey(key) }
        return value
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        var value = try value(key)
        return try value.readNone()
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try PythonProxy.decode(
            type, from: try value(key), at: key, "[\(PythonRepresentation.of(key.stringValue))]")
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try superDecoder(forKey: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try superDecoder(forKey: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        DecodableReader(reader: try value(AnyKey("super")), codingPath: codingPath)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        DecodableReader(reader: try value(key), codingPath: codingPath + [key])
    }
}

private struct UnkeyedReader: UnkeyedDecodingContainer {
    let codingPath: [any CodingKey]
    private let items: [PythonReader]
    var currentIndex = 0

    init(_ reader: PythonReader, _ codingPath: [any CodingKey]) throws {
        self.codingPath = codingPath
        var reader = reader
        let noun = reader.noun()
        guard let items = try reader.itemReaders() else {
            throw ConversionError("\(noun) where a list is expected")
        }
        self.items = items
    }

    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    private func current() throws -> PythonReader {
        guard !isAtEnd else {
            throw ConversionError("the list has only \(items.count) items")
        }
        return items[currentIndex]
    }

    mutating func decodeNil() throws -> Bool {
        var item = try current()
        guard try item.readNone() else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try PythonProxy.decode(
            type, from: try current(), at: AnyKey(currentIndex), "[\(currentIndex)]")
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try superDecoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try superDecoder().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = DecodableReader(
            reader: try current(), codingPath: codingPath + [AnyKey(currentIndex)])
        currentIndex += 1
        return decoder
    }
}

private struct SingleValueReader: SingleValueDecodingContainer {
    let reader: PythonReader
    let codingPath: [any CodingKey]

    func decodeNil() -> Bool {
        var reader = reader
        return (try? reader.readNone()) ?? false
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        var reader = reader
        return try reader.decode(decodable: type)
    }
}
