import Foundation
import ProxyWire

extension PythonValue: PythonDecodable {
    init(from reader: inout PythonReader) throws {
        switch reader.place {
        case .frame:
            self = try PythonValue(fromFrame: &reader)
            return
        case .array(let part): self = PythonValue(part)
        case .time(let dtype, let steps):
            self = steps == .min ? .none : .scalar(AnyNDArray(dtype, steps: steps))
        case .row(let row): self = .dictionary(try row.entries())
        }
        reader.place = .frame
    }

    private init(_ part: PythonReader.ArrayPart) {
        self =
            part.shape.isEmpty
            ? .init(part.elements.number(at: 0))
            : .array(AnyNDArray(shape: Array(part.shape), elements: part.elements))
    }

    init(_ number: ElementValue) {
        self =
            switch number {
            case .bool(let value): .bool(value)
            case .signed(let value): .int(Int(value))
            case .unsigned(let value):
                Int(exactly: value).map { .int($0) } ?? .bigInt(PythonInteger(value))
            case .double(let value): .double(value)
            case .complex(let value): .complex(value)
            }
    }

    /// Reads a value of a message, which has no objects.
    init(from cbor: inout CBORReader) throws {
        var reader = PythonReader(cbor)
        self = try PythonValue(from: &reader)
        cbor = reader.cbor
    }

    private init(fromFrame reader: inout PythonReader) throws {
        let head = try reader.cbor.peek()
        switch head.major {
        case .unsigned:
            _ = try reader.cbor.head()
            self.init(.unsigned(head.argument))
        case .negative: self = try Self.integer(&reader)
        case .bytes: self = .bytes(try reader.cbor.byteString())
        case .text: self = .string(try reader.cbor.text())
        case .array:
            _ = try reader.cbor.head()
            self = .list(try Self.items(of: head, &reader))
        case .map: self = .dictionary(try Self.entries(&reader))
        case .tag:
            self = try Self.tagged(head.argument, &reader)
        case .simple:
            let start = reader.cbor.offset
            _ = try reader.cbor.head()
            if head.isNull {
                self = .none
            } else if head.isBoolean {
                self = .bool(head.info == 21)
            } else if head.isFloat {
                self = .double(head.double)
            } else {
                throw WireError.malformed("\(head.noun) has no meaning here", offset: start)
            }
        }
    }

    private static func integer(_ reader: inout PythonReader) throws -> PythonValue {
        let value = try PythonInteger(from: &reader)
        return Int(exactly: value).map { .int($0) } ?? .bigInt(value)
    }

    private static func items(
        of head: CBORHead, _ reader: inout PythonReader
    ) throws -> [PythonValue] {
        var items: [PythonValue] = []
        let count = try reader.cbor.enter(head)
        while try reader.cbor.hasItem(items.count, of: count) {
            items.append(try PythonValue(from: &reader))
        }
        reader.cbor.leave()
        return items
    }

    private static func entries(_ reader: inout PythonReader) throws -> PythonDictionary {
        var entries = PythonDictionary()
        try reader.forEachEntry { reader in
            let key = try PythonValue(from: &reader)
            guard entries[key] == nil else {
                throw ConversionError(
                    "two keys of a dict are the same here, as texts are that differ only in how "
                        + "their characters are composed; normalise them in Python")
            }
            entries[key] = try PythonValue(from: &reader)
        }
        return entries
    }

    private static func tagged(_ tag: UInt64, _ reader: inout PythonReader) throws -> PythonValue {
        let start = reader.cbor.offset
        switch tag {
        case CBORTag.sharedBytes:
            return .bytes(try reader.cbor.byteString())
        case CBORTag.positiveBignum, CBORTag.negativeBignum:
            return try integer(&reader)
        case CBORTag.tuple:
            _ = try reader.cbor.head()
            let head = try reader.cbor.head()
            guard head.major == .array else {
                throw WireError.malformed("a tuple that is no array", offset: start)
            }
            return .tuple(try items(of: head, &reader))
        case CBORTag.complex:
            _ = try reader.cbor.head()
            return .complex(try reader.complexParts())
        case CBORTag.rowMajorArray:
            _ = try reader.cbor.head()
            let (shape, elements) = try reader.cbor.rowMajorArray()
            return .array(AnyNDArray(shape: shape, elements: elements))
        case CBORTag.array:
            _ = try reader.cbor.head()
            return .array(try OtherArray(from: &reader).array)
        case CBORTag.scalar:
            _ = try reader.cbor.head()
            return .scalar(try OtherArray(from: &reader).scalar())
        case CBORTag.numpyScalar:
            _ = try reader.cbor.head()
            let elements = try reader.scalarElements()
            return .scalar(AnyNDArray(shape: [], elements: elements))
        case CBORTag.typedArrays, CBORTag.booleanElements, CBORTag.complexElements:
            _ = try reader.cbor.head()
            let elements = try reader.cbor.elements(tag: tag)
            return .list((0..<elements.count).map { PythonValue(elements.number(at: $0)) })
        case CBORTag.set: return .set(try uniqueItems(&reader))
        case CBORTag.frozenset: return .frozenset(try uniqueItems(&reader))
        case CBORTag.object: return .object(PythonObject(try reader.objectReference()))
        default:
            let value = try PythonTaggedValue(tag: tag, from: &reader)
            guard value.tag == CBORTag.opaque else { return .tagged(value) }
            do {
                return .opaque(try PythonOpaqueValue(tag: value.tag, content: value.content))
            } catch is ContentMismatch {
                throw WireError.malformed("an opaque value without a reason", offset: start)
            }
        }
    }

    private static func uniqueItems(_ reader: inout PythonReader) throws -> Set<PythonValue> {
        let start = reader.cbor.offset
        _ = try reader.cbor.head()
        let head = try reader.cbor.head()
        guard head.major == .array else {
            throw WireError.malformed("a set that is no array", offset: start)
        }
        let items = try items(of: head, &reader)
        let set = Set(items)
        guard set.count == items.count else {
            throw ConversionError(
                "two items of a set are the same here, as texts are that differ only in how "
                    + "their characters are composed; normalise them in Python")
        }
        return set
    }
}

extension PythonValue: Decodable {
    /// For this package's decoder, and for JSON and its like.
    public init(from decoder: any Decoder) throws {
        if let value = try Self(directlyFrom: decoder) {
            self = value
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([PythonValue].self) {
            self = .list(value)
        } else {
            let entries = try container.decode([String: PythonValue].self)
            self = .dictionary(PythonDictionary(entries.map { (.string($0.key), $0.value) }))
        }
    }
}
