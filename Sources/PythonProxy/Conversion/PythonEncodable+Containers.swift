import OrderedCollections
import ProxyTransport
import ProxyWire

extension Optional: PythonEncodable where Wrapped: Encodable {
    func encode(into writer: inout PythonWriter) throws {
        switch self {
        case .some(let value): try writer.encode(value)
        case nil: writer.cbor.null()
        }
    }
}

extension Array: PythonEncodable where Element: Encodable {
    /// Writes a list.
    func encode(into writer: inout PythonWriter) throws {
        if encodeNumbers(into: &writer) { return }
        try writer.nested { writer in
            writer.cbor.array(count: count)
            if encodeRows(into: writer) { return try writer.checkLength() }
            if let direct = Element.self as? any PythonEncodable.Type {
                try encodeItems(as: direct, into: &writer)
            } else {
                for (index, element) in enumerated() {
                    try writer.encode(element, inside: .index(index))
                }
            }
        }
    }

    /// Writes rows of numbers, as in a table of coordinates: there are many, and each is short.
    private func encodeRows(into writer: PythonWriter) -> Bool {
        // SAFETY: the types are the same. (A cast of the array would cast each of its items.)
        if Element.self == [Double].self {
            for row in unsafeBitCast(self, to: [[Double]].self) {
                Self.encode(row, as: .float64, into: writer.cbor)
            }
            return true
        }
        if Element.self == [Int].self {
            for row in unsafeBitCast(self, to: [[Int]].self) {
                Self.encode(row, as: .int64, into: writer.cbor)
            }
            return true
        }
        return false
    }

    @inline(__always)
    private static func encode<Number>(
        _ numbers: [Number], as type: ElementType, into cbor: borrowing CBORWriter
    ) {
        numbers.withUnsafeBytes { bytes in
            let destination = cbor.elements(type, count: numbers.count)
            guard !cbor.buffer.isOverflowing, let start = bytes.baseAddress else { return }
            destination.copyMemory(from: start, byteCount: bytes.count)
        }
    }

    /// Writes the items with one cast for all of them: a cast costs more than writing a small item.
    private func encodeItems<Item: PythonEncodable>(
        as _: Item.Type, into writer: inout PythonWriter
    ) throws {
        // SAFETY: Item is Element.
        let items = unsafeBitCast(self, to: [Item].self)
        for index in items.indices {
            try ConversionError.inside(.index(index)) {
                try items[index].encode(into: &writer)
                try writer.checkLength()
            }
        }
    }

    /// Writes numbers in one go, as a typed array.
    private func encodeNumbers(into writer: inout PythonWriter) -> Bool {
        // Of the integers only these: a list of the others is rare and the server makes ints anyway.
        if Element.self == UInt8.self {
            Self.encode(self, as: .uint8, into: writer.cbor)
        } else if Element.self == Double.self {
            Self.encode(self, as: .float64, into: writer.cbor)
        } else if Element.self == Int.self {
            Self.encode(self, as: .int64, into: writer.cbor)
        } else if Element.self == Float.self {
            Self.encode(self, as: .float32, into: writer.cbor)
        } else {
            return false
        }
        return true
    }
}

extension Dictionary: PythonEncodable where Key: Encodable, Value: Encodable {
    /// Writes a dict, sorted by its keys.
    func encode(into writer: inout PythonWriter) throws {
        try writer.encode(WrittenOrder.sorted(self), count: count)
    }
}

extension OrderedDictionary: PythonEncodable where Key: Encodable, Value: Encodable {
    /// Writes a dict in its order.
    func encode(into writer: inout PythonWriter) throws {
        try writer.encode(self, count: count)
    }
}

extension PythonWriter {
    /// Writes a dict in the order of its entries.
    mutating func encode<Key: Encodable & Hashable, Value: Encodable>(
        _ entries: some Sequence<(key: Key, value: Value)>, count: Int
    ) throws {
        try nested { writer in
            writer.cbor.map(count: count)
            for (key, value) in entries {
                try writer.encode(key: key)
                try writer.encode(value, inside: .key(PythonRepresentation.of(key: key)))
            }
        }
    }

    /// Writes a key. A list, which Python does not take as one, is written as a tuple.
    mutating func encode(key: some Encodable) throws {
        try ConversionError.inside(.asKey) {
            if let list = key as? any TupleKey {
                try list.encodeKey(into: &self)
            } else {
                try encode(key)
            }
        }
    }
}

/// A list, which becomes a tuple where it is a key.
private protocol TupleKey {
    func encodeKey(into writer: inout PythonWriter) throws
}

extension PythonValue: TupleKey {
    func encodeKey(into writer: inout PythonWriter) throws {
        switch self {
        case .list(let items), .tuple(let items): try items.encodeKey(into: &writer)
        default: try encode(into: &writer)
        }
    }
}

extension Array: TupleKey where Element: Encodable {
    func encodeKey(into writer: inout PythonWriter) throws {
        try writer.nested { writer in
            writer.cbor.tag(CBORTag.tuple)
            writer.cbor.array(count: count)
            for element in self { try writer.encode(key: element) }
        }
    }
}

extension PythonRepresentation {
    static func of(key: some Hashable) -> String {
        if let text = key as? String { return of(text) }
        return "\(key)"
    }
}

extension AnyNDArray: PythonEncodable, Encodable {
    func encode(into writer: inout PythonWriter) throws {
        guard let element = dtype.element else {
            writer.cbor.tag(CBORTag.array)
            return try OtherArray(self).content.encode(into: &writer)
        }
        writer.cbor.tag(CBORTag.rowMajorArray)
        writer.cbor.array(count: 2)
        writer.cbor.array(count: shape.count)
        for length in shape { writer.cbor.unsigned(UInt64(length)) }
        try encodeElements(element, into: &writer)
    }

    /// Writes the one element of an array without dimensions as a numpy scalar.
    func encodeScalar(into writer: inout PythonWriter) throws {
        guard let element = dtype.element else {
            writer.cbor.tag(CBORTag.scalar)
            return try OtherArray(self).content.encode(into: &writer)
        }
        writer.cbor.tag(CBORTag.numpyScalar)
        try encodeElements(element, into: &writer)
    }

    private func encodeElements(
        _ element: ElementType, into writer: inout PythonWriter
    ) throws {
        if let region = storage.region, let pool = writer.buffer.lender as? SegmentPool {
            guard let segment = pool.lend(region) else {
                throw ConversionError(
                    "shared memory of \(region.memory.bytes.count) bytes cannot be passed to the "
                        + "server; pass a copy, or fewer shared arrays at a time")
            }
            writer.cbor.elementTags(element)
            return writer.cbor.sharedBytes(
                position: writer.buffer.append(segment), count: storage.bytes.count)
        }
        withUnsafeBytes { bytes in
            let destination = writer.cbor.elements(element, count: count)
            guard !writer.buffer.isOverflowing, let start = bytes.baseAddress else { return }
            destination.copyMemory(from: start, byteCount: bytes.count)
        }
    }

    /// For encoders other than this package's: a keyed container with dtype, shape and bytes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(dtype.content, forKey: .dtype)
        try container.encode(shape, forKey: .shape)
        try container.encode(withUnsafeBytes { Array($0) }, forKey: .bytes)
    }

    private enum CodingKeys: CodingKey { case dtype, shape, bytes }
}

extension NDArray: PythonEncodable, Encodable {
    func encode(into writer: inout PythonWriter) throws {
        try erased.encode(into: &writer)
    }

    /// For encoders other than this package's: a keyed container with dtype, shape and bytes.
    public func encode(to encoder: any Encoder) throws { try erased.encode(to: encoder) }
}

extension PythonValue: PythonEncodable {
    func encode(into writer: inout PythonWriter) throws {
        switch self {
        case .none: writer.cbor.null()
        case .bool(let value): writer.cbor.boolean(value)
        case .int(let value): writer.cbor.integer(Int64(value))
        case .bigInt(let value): value.encode(into: &writer)
        case .double(let value): writer.cbor.double(value)
        case .complex(let value): value.encode(into: &writer)
        case .string(let value): writer.cbor.text(value)
        case .bytes(let value): value.withUnsafeBytes { writer.cbor.bytes($0) }
        case .list(let items): try items.encode(into: &writer)
        case .tuple(let items):
            writer.cbor.tag(CBORTag.tuple)
            try items.encode(into: &writer)
        case .dictionary(let entries): try entries.encode(into: &writer)
        case .array(let array): try array.encode(into: &writer)
        case .scalar(let array):
            try array.encodeScalar(into: &writer)
        case .set(let items): try items.encode(into: &writer)
        case .frozenset(let items):
            writer.cbor.tag(CBORTag.frozenset)
            try WrittenOrder.sorted(items).encode(into: &writer)
        case .tagged(let value): try value.encode(into: &writer)
        case .object(let value): try value.encode(into: &writer)
        case .opaque(let value): try value.encode(into: &writer)
        }
    }
}

extension PythonDictionary: PythonEncodable {
    func encode(into writer: inout PythonWriter) throws {
        try writer.nested { writer in
            writer.cbor.map(count: count)
            for (key, value) in self {
                try writer.encode(key: key)
                try ConversionError.inside(.key(key.debugDescription)) {
                    try value.encode(into: &writer)
                }
            }
        }
    }
}

extension PythonValue: Encodable {
    /// For encoders other than this package's. What JSON lacks becomes what comes nearest: tuples and
    /// arrays become lists, keys become text, bytes become a list of numbers.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .none: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .bigInt(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .complex(let value): try container.encode([value.rawStorage.x, value.rawStorage.y])
        case .string(let value): try container.encode(value)
        case .bytes(let value): try container.encode(value)
        case .list(let items), .tuple(let items): try container.encode(items)
        case .dictionary(let entries):
            try container.encode(
                Dictionary(
                    entries.map { ($0.key.keyText, $0.value) }, uniquingKeysWith: { $1 }))
        case .array(let array): try container.encode(array.nestedValue)
        case .set, .frozenset, .scalar, .tagged, .object, .opaque:
            try container.encode(simplified)
        }
    }

    /// The value as a key of a JSON object.
    private var keyText: String {
        if case .string(let text) = self { text } else { description }
    }
}
