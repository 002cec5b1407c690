import ProxyWire

/// What a type's `init(from:)` sees: a decoder that reads straight from the frame.
///
/// Nothing is parsed twice: a keyed container finds the start of each value once, by skipping.
struct DecodableReader: Decoder {
    let reader: PythonReader
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let record = try RecordReader(reader) else {
            throw reader.mismatch(expected: "a dict or an object with fields")
        }
        return KeyedDecodingContainer(KeyedReader<Key>(record: record, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        var reader = reader
        guard let items = try reader.itemReaders() else {
            throw reader.mismatch(expected: "a list")
        }
        return UnkeyedReader(items: items, codingPath: codingPath)
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

private struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let record: RecordReader
    let codingPath: [any CodingKey]

    var allKeys: [Key] { record.names.compactMap { Key(stringValue: $0) } }
    func contains(_ key: Key) -> Bool { record.contains(key.stringValue) }

    private func value(_ key: any CodingKey) throws -> PythonReader {
        if let value = try record.value(key.stringValue) { return value }
        throw ConversionError.missing(key.stringValue, from: record.names)
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        var value = try value(key)
        return try value.readNone()
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        var value = try value(key)
        return try ConversionError.inside(.field(key.stringValue)) {
            try value.decode(decodable: type)
        }
    }

    func decodeIfPresent<Value: Decodable>(
        _ type: Value.Type, forKey key: Key
    ) throws -> Value? {
        guard var value = try record.value(key.stringValue), try !value.readNone() else {
            return nil
        }
        return try ConversionError.inside(.field(key.stringValue)) {
            try value.decode(decodable: type)
        }
    }

    // The usual types without a look at what they are.

    private func direct<Value: PythonDecodable>(_ key: Key) throws -> Value {
        var value = try value(key)
        return try ConversionError.inside(.field(key.stringValue)) { try Value(from: &value) }
    }

    private func directIfPresent<Value: PythonDecodable>(_ key: Key) throws -> Value? {
        guard var value = try record.value(key.stringValue), try !value.readNone() else {
            return nil
        }
        return try ConversionError.inside(.field(key.stringValue)) { try Value(from: &value) }
    }

    func decode(_: Int.Type, forKey key: Key) throws -> Int { try direct(key) }
    func decode(_: Double.Type, forKey key: Key) throws -> Double { try direct(key) }
    func decode(_: Bool.Type, forKey key: Key) throws -> Bool { try direct(key) }
    func decode(_: String.Type, forKey key: Key) throws -> String { try direct(key) }

    func decodeIfPresent(_: Int.Type, forKey key: Key) throws -> Int? { try directIfPresent(key) }

    func decodeIfPresent(_: Double.Type, forKey key: Key) throws -> Double? {
        try directIfPresent(key)
    }

    func decodeIfPresent(_: Bool.Type, forKey key: Key) throws -> Bool? {
        try directIfPresent(key)
    }

    func decodeIfPresent(_: String.Type, forKey key: Key) throws -> String? {
        try directIfPresent(key)
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
    let items: [PythonReader]
    let codingPath: [any CodingKey]
    var currentIndex = 0

    init(items: [PythonReader], codingPath: [any CodingKey]) {
        self.items = items
        self.codingPath = codingPath
    }

    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    private func current() throws -> PythonReader {
        guard !isAtEnd else {
            throw ConversionError("expected more items, found a list of \(items.count)")
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
        var item = try current()
        let value = try ConversionError.inside(.index(currentIndex)) {
            try item.decode(decodable: type)
        }
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
