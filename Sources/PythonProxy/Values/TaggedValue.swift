import ProxyWire

/// A Swift type for the values of a tag: what ``PythonTaggedValue`` can be asked for as.
protocol TaggedValue: PythonEncodable, PythonDecodable, Codable, Hashable, Sendable {
    /// The tags that such values have.
    static var tags: [UInt64] { get }
    /// The value as a tag and its content.
    var tagged: (tag: UInt64, content: PythonValue) { get }
    /// Where the content has what the value is in terms of built-in types.
    static var plainForm: PythonTaggedValue.PlainForm { get }

    /// - Throws: `ConversionError` or `ContentMismatch` if the content is not what the tag says.
    init(tag: UInt64, content: PythonValue) throws
}

/// The content of a tag is not what belongs there.
struct ContentMismatch: Error {}

extension TaggedValue {
    static var plainForm: PythonTaggedValue.PlainForm { .none }

    /// The value for any place where a value can stand.
    var erased: PythonTaggedValue {
        let (tag, content) = tagged
        let text = (self as? any CustomStringConvertible)?.description
        return PythonTaggedValue(
            tag: tag, content: content, text: text, plainForm: Self.plainForm)
    }

    func encode(into writer: inout PythonWriter) throws {
        try erased.encode(into: &writer)
    }

    init(from reader: inout PythonReader) throws {
        let start = reader
        if reader.isInFrame, let head = try? reader.cbor.peek(), head.major == .tag {
            let value = try PythonValue(from: &reader)
            if case .tagged(let value) = value, Self.tags.contains(value.tag) {
                do {
                    try self.init(tag: value.tag, content: value.content)
                    return
                } catch is ContentMismatch {
                    throw WireError.malformed(
                        "the content of tag \(value.tag) is not what belongs there",
                        offset: start.cbor.offset)
                }
            }
            reader = start
        }
        self = try reader.readPlain(as: Self.self)
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
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "expected a value that \(Self.self) has written"))
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
