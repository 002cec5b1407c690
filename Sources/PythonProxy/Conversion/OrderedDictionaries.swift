import OrderedCollections
import ProxyWire

// Dictionaries that keep the order of their entries, in both directions.

extension PythonDictionary: Codable {
    /// For encoders other than this package's.
    public func encode(to encoder: any Encoder) throws {
        try PythonValue.dictionary(self).encode(to: encoder)
    }

    /// For this package's decoder, and for what other encoders have made of a dict.
    public init(from decoder: any Decoder) throws {
        guard case .dictionary(let entries) = try PythonValue(from: decoder) else {
            throw DecodingError.typeMismatch(
                Self.self,
                .init(codingPath: decoder.codingPath, debugDescription: "expected a dict"))
        }
        self = entries
    }
}

extension PythonDictionary: PythonDecodable {
    /// Reads a dict.
    public init(from reader: inout PythonReader) throws {
        let start = reader
        guard case .dictionary(let entries) = try PythonValue(from: &reader) else {
            reader = start
            self = try reader.readPlain(as: Self.self)
            return
        }
        self = entries
    }
}

extension OrderedDictionary: PythonDecodable where Key: Decodable, Value: Decodable {
    /// Reads a dict.
    public init(from reader: inout PythonReader) throws {
        guard reader.part == nil, try reader.cbor.peek().major == .map else {
            self = try reader.readPlain(as: Self.self)
            return
        }
        let start = reader
        self.init()
        try reader.forEachEntry(of: Key.self, Value.self) { key, value in
            guard updateValue(value, forKey: key) == nil else {
                throw start.mismatch(
                    Self.self, "two of its keys are the same \(Key.self); ask for other keys")
            }
        }
    }
}

extension PythonReader {
    /// Reads the entries of a dict; an error says for which key.
    mutating func forEachEntry<Key: Decodable & Hashable, Value: Decodable>(
        of _: Key.Type, _: Value.Type, _ body: (Key, Value) throws -> Void
    ) throws {
        try forEachEntry { reader in
            let key: Key
            do { key = try reader.decode(decodable: Key.self) } catch let error as ConversionError {
                throw error.inside(" (a key)")
            }
            do {
                try body(key, try reader.decode(decodable: Value.self))
            } catch let error as ConversionError {
                throw error.inside("[\(PythonRepresentation.of(key: key))]")
            }
        }
    }
}

extension OrderedDictionary: SchemaRepresentable {
    static func schema(_ builder: inout SchemaBuilder) -> ValueSchema {
        .mapping(key: builder.schema(of: Key.self), value: builder.schema(of: Value.self))
    }
}

extension PythonDictionary: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema {
        .mapping(key: .value, value: .untyped)
    }
}
