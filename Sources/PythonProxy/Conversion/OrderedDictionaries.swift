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
    init(from reader: inout PythonReader) throws {
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
    init(from reader: inout PythonReader) throws {
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
        func read(_ reader: inout PythonReader, for key: Key, _ name: @autoclosure () -> String)
            throws
        {
            try ConversionError.inside(.key(name())) {
                guard insert(key, try reader.decode(decodable: Value.self)) == nil else {
                    throw ConversionError(
                        "expected \(TypeName.of(type)), found a dict with two keys that are the "
                            + "same \(Key.self); ask for other keys")
                }
            }
        }
        if let row {
            for (label, value) in try row.values() {
                var key = try PythonReader(label)
                var value = value
                try read(
                    &value, for: try key.decode(decodable: Key.self),
                    label.debugDescription)
            }
            place = .frame
            return true
        }
        guard isInFrame, try cbor.peek().major == .map else { return false }
        try forEachEntry { reader in
            let key = try ConversionError.inside(.asKey) { try reader.decode(decodable: Key.self) }
            try read(&reader, for: key, PythonRepresentation.of(key: key))
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
