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
        var entries = Self()
        let isDict = try reader.readEntries(of: Self.self) { (key: Key, value: Value) in
            entries.updateValue(value, forKey: key)
        }
        self = isDict ? entries : try reader.readPlain(as: Self.self)
    }
}

extension PythonReader {
    /// Reads the entries of a dict; an error says for which key.
    ///
    /// - Parameters:
    ///   - type: what they become, for errors.
    ///   - insert: takes an entry, and returns the value that was there for its key.
    /// - Returns: false if the next value is no dict. It is then still the next value.
    mutating func readEntries<Key: Decodable & Hashable, Value: Decodable>(
        of type: Any.Type, _ insert: (Key, Value) -> Value?
    ) throws -> Bool {
        guard part == nil, try cbor.peek().major == .map else { return false }
        let start = self
        try forEachEntry { reader in
            let key: Key
            do { key = try reader.decode(decodable: Key.self) } catch let error as ConversionError {
                throw error.inside(" (a key)")
            }
            do {
                guard insert(key, try reader.decode(decodable: Value.self)) == nil else {
                    throw start.mismatch(
                        type, "two of its keys are the same \(Key.self); ask for other keys")
                }
            } catch let error as ConversionError {
                throw error.inside("[\(PythonRepresentation.of(key: key))]")
            }
        }
        return true
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
