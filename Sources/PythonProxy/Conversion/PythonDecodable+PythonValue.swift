import Foundation
import ProxyWire

extension PythonValue: PythonDecodable {
    public init(from reader: inout PythonReader) throws {
        if let part = reader.part {
            reader.part = nil
            self = PythonValue(part)
        } else {
            self = try PythonValue(from: &reader.cbor)
        }
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

    init(from cbor: inout CBORReader) throws {
        let head = try cbor.peek()
        switch head.major {
        case .unsigned:
            _ = try cbor.head()
            self.init(.unsigned(head.argument))
        case .negative: self = try Self.integer(&cbor)
        case .bytes: self = .bytes(try cbor.byteString())
        case .text: self = .string(try cbor.text())
        case .array:
            _ = try cbor.head()
            self = .list(try Self.items(of: head, &cbor))
        case .map: self = .dictionary(try Self.entries(&cbor))
        case .tag:
            self = try Self.tagged(head.argument, &cbor)
        case .simple:
            let start = cbor.offset
            _ = try cbor.head()
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

    private static func integer(_ cbor: inout CBORReader) throws -> PythonValue {
        var reader = PythonReader(cbor)
        let value = try PythonInteger(from: &reader)
        cbor = reader.cbor
        return Int(exactly: value).map { .int($0) } ?? .bigInt(value)
    }

    private static func items(
        of head: CBORHead, _ cbor: inout CBORReader
    ) throws -> [PythonValue] {
        var items: [PythonValue] = []
        try cbor.items(of: head) { cbor, _ in items.append(try PythonValue(from: &cbor)) }
        return items
    }

    private static func entries(_ cbor: inout CBORReader) throws -> PythonDictionary {
        var entries = PythonDictionary()
        try cbor.items(of: try cbor.head()) { cbor, _ in
            let key = try PythonValue(from: &cbor)
            guard entries[key] == nil else {
                throw ConversionError(
                    "two keys of a dict are the same here, as texts are that differ only in how "
                        + "their characters are composed; normalise them in Python")
            }
            entries[key] = try PythonValue(from: &cbor)
        }
        return entries
    }

    private static func tagged(_ tag: UInt64, _ cbor: inout CBORReader) throws -> PythonValue {
        let start = cbor.offset
        switch tag {
        case CBORTag.sharedBytes:
            return .bytes(try cbor.byteString())
        case CBORTag.positiveBignum, CBORTag.negativeBignum:
            return try integer(&cbor)
        case CBORTag.tuple:
            _ = try cbor.head()
            let head = try cbor.head()
            guard head.major == .array else {
                throw WireError.malformed("a tuple that is no array", offset: start)
            }
            return .tuple(try items(of: head, &cbor))
        case CBORTag.complex:
            var reader = PythonReader(cbor)
            _ = try reader.cbor.head()
            let value = try reader.complexParts()
            cbor = reader.cbor
            return .complex(value)
        case CBORTag.rowMajorArray:
            _ = try cbor.head()
            let (shape, elements) = try cbor.rowMajorArray()
            return .array(AnyNDArray(shape: shape, elements: elements))
        case CBORTag.array:
            _ = try cbor.head()
            return .array(try OtherArray(from: &cbor).array)
        case CBORTag.scalar:
            _ = try cbor.head()
            return .scalar(try OtherArray(from: &cbor).scalar())
        case CBORTag.numpyScalar:
            var reader = PythonReader(cbor)
            _ = try reader.cbor.head()
            let elements = try reader.scalarElements()
            cbor = reader.cbor
            return .scalar(AnyNDArray(shape: [], elements: elements))
        case CBORTag.typedArrays, CBORTag.booleanElements, CBORTag.complexElements:
            _ = try cbor.head()
            let elements = try cbor.elements(tag: tag)
            return .list((0..<elements.count).map { PythonValue(elements.number(at: $0)) })
        default:
            guard let value = try extended(tag, &cbor) else {
                throw WireError.malformed("tag \(tag) has no meaning here", offset: start)
            }
            return value
        }
    }

    /// Reads the values that Python code writes; nil for any other tag.
    private static func extended(
        _ tag: UInt64, _ cbor: inout CBORReader
    ) throws -> PythonValue? {
        switch tag {
        case CBORTag.bytearray:
            _ = try cbor.head()
            return .bytearray(try cbor.byteString())
        case CBORTag.set: return .set(try uniqueItems(&cbor))
        case CBORTag.frozenset: return .frozenset(try uniqueItems(&cbor))
        case CBORTag.namespace: return .namespace(try PythonNamespace(tag: tag, from: &cbor).fields)
        case CBORTag.uuid:
            var reader = PythonReader(cbor)
            let value = try UUID(from: &reader)
            cbor = reader.cbor
            return .uuid(value)
        case CBORTag.memoryview: return .memoryview(try .init(tag: tag, from: &cbor))
        case CBORTag.range: return .range(try .init(tag: tag, from: &cbor))
        case CBORTag.slice: return .slice(try .init(tag: tag, from: &cbor))
        case CBORTag.decimal, CBORTag.specialDecimal:
            return .decimal(try .init(tag: tag, from: &cbor))
        case CBORTag.rational: return .fraction(try .init(tag: tag, from: &cbor))
        case CBORTag.dateTimeText, CBORTag.dateTime:
            return .datetime(try .init(tag: tag, from: &cbor))
        case CBORTag.date: return .date(try .init(tag: tag, from: &cbor))
        case CBORTag.time: return .time(try .init(tag: tag, from: &cbor))
        case CBORTag.duration: return .timedelta(try .init(tag: tag, from: &cbor))
        case CBORTag.path: return .path(try .init(tag: tag, from: &cbor))
        case CBORTag.enumeration: return .enumeration(try .init(tag: tag, from: &cbor))
        case CBORTag.namedTuple: return .namedTuple(try .init(tag: tag, from: &cbor))
        case CBORTag.dataclass: return .dataclass(try .init(tag: tag, from: &cbor))
        case CBORTag.maskedArray: return .maskedArray(try .init(tag: tag, from: &cbor))
        case CBORTag.sparseArray: return .sparseArray(try .init(tag: tag, from: &cbor))
        case CBORTag.compas: return .compas(try .init(tag: tag, from: &cbor))
        case CBORTag.opaque: return .opaque(try .init(tag: tag, from: &cbor))
        case CBORTag.pandas: return try pandas(&cbor)
        default: return nil
        }
    }

    private static func uniqueItems(_ cbor: inout CBORReader) throws -> Set<PythonValue> {
        let start = cbor.offset
        _ = try cbor.head()
        let head = try cbor.head()
        guard head.major == .array else {
            throw WireError.malformed("a set that is no array", offset: start)
        }
        let items = try items(of: head, &cbor)
        let set = Set(items)
        guard set.count == items.count else {
            throw ConversionError(
                "two items of a set are the same here, as texts are that differ only in how "
                    + "their characters are composed; normalise them in Python")
        }
        return set
    }

    private static func pandas(_ cbor: inout CBORReader) throws -> PythonValue {
        var ahead = cbor
        _ = try ahead.head()
        _ = try ahead.head()
        switch try PythonValue(from: &ahead) {
        case "DataFrame":
            return .dataFrame(try PandasDataFrame(tag: CBORTag.pandas, from: &cbor))
        case "Series": return .series(try PandasSeries(tag: CBORTag.pandas, from: &cbor))
        default: return .pandas(try PandasObject(tag: CBORTag.pandas, from: &cbor))
        }
    }
}

/// The attributes of a `types.SimpleNamespace`.
private struct PythonNamespace: TaggedValue {
    let fields: PythonDictionary

    static var tags: [UInt64] { [CBORTag.namespace] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.namespace, [.dictionary(fields)])
    }

    init(tag: UInt64, content: PythonValue) throws {
        fields = try content.items(1)[0].fields()
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
