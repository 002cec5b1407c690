import ProxyWire

/// A value that travels as a CBOR tag with its content behind it.
protocol TaggedValue: PythonEncodable, PythonDecodable, Codable, Hashable, Sendable {
    /// The tags that such values have.
    static var tags: [UInt64] { get }
    /// The value as a tag and its content.
    var tagged: (tag: UInt64, content: PythonValue) { get }

    /// - Throws: `ConversionError` or `ContentMismatch` if the content is not what the tag says.
    init(tag: UInt64, content: PythonValue) throws
}

/// The content of a tag is not what belongs there.
struct ContentMismatch: Error {}

extension TaggedValue {
    public func encode(into writer: inout PythonWriter) throws {
        let (tag, content) = tagged
        try writer.nested { writer in
            writer.cbor.tag(tag)
            try content.encode(into: &writer)
        }
    }

    public init(from reader: inout PythonReader) throws {
        let head = try? reader.cbor.peek()
        guard reader.part == nil, let head, head.major == .tag, Self.tags.contains(head.argument)
        else {
            self = try reader.readPlain(as: Self.self)
            return
        }
        try self.init(tag: head.argument, from: &reader.cbor)
    }

    /// Reads the value of a tag that comes next.
    init(tag: UInt64, from cbor: inout CBORReader) throws {
        let start = cbor.offset
        _ = try cbor.head()
        // Tags within tags are bounded like other nesting.
        try cbor.deepen()
        let content = try PythonValue(from: &cbor)
        cbor.leave()
        do {
            try self.init(tag: tag, content: content)
        } catch is ContentMismatch {
            throw WireError.malformed(
                "the content of tag \(tag) is not what belongs there", offset: start)
        }
    }

    /// For encoders other than this package's: the content.
    public func encode(to encoder: any Encoder) throws {
        try tagged.content.encode(to: encoder)
    }

    /// For this package's decoder, and for what other encoders have made of the content.
    public init(from decoder: any Decoder) throws {
        if let value = try Self(directlyFrom: decoder) {
            self = value
            return
        }
        let content = try PythonValue(from: decoder)
        do {
            try self.init(tag: Self.tags[0], content: content)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no \(Self.self)"))
        }
    }
}

/// The content of tags, taken apart. Each throws `ContentMismatch` for a value of another type.
extension PythonValue {
    func items(_ count: Int? = nil) throws -> [PythonValue] {
        guard case .list(let items) = self, count == nil || items.count == count else {
            throw ContentMismatch()
        }
        return items
    }

    func text() throws -> String {
        guard case .string(let text) = self else { throw ContentMismatch() }
        return text
    }

    func optionalText() throws -> String? { self == .none ? nil : try text() }

    func number() throws -> Int {
        guard case .int(let number) = self else { throw ContentMismatch() }
        return number
    }

    func flag() throws -> Bool {
        guard case .bool(let flag) = self else { throw ContentMismatch() }
        return flag
    }

    func integer() throws -> PythonInteger {
        switch self {
        case .int(let value): return PythonInteger(value)
        case .bigInt(let value): return value
        default: throw ContentMismatch()
        }
    }

    func byteString() throws -> [UInt8] {
        guard case .bytes(let bytes) = self else { throw ContentMismatch() }
        return bytes
    }

    func fields() throws -> PythonDictionary {
        guard case .dictionary(let fields) = self else { throw ContentMismatch() }
        return fields
    }

    func anyArray() throws -> AnyNDArray {
        guard case .array(let array) = self else { throw ContentMismatch() }
        return array
    }

    init(_ text: String?) { self = text.map { .string($0) } ?? .none }

    init(_ integer: PythonInteger) {
        self = Int(exactly: integer).map { .int($0) } ?? .bigInt(integer)
    }
}
