import ProxyWire

extension Optional: PythonDecodable where Wrapped: Decodable {
    init(from reader: inout PythonReader) throws {
        self = try reader.readNone() ? nil : try reader.decode(decodable: Wrapped.self)
    }
}

extension Array: PythonDecodable where Element: Decodable {
    /// Reads a list, a tuple or a numpy array, with one level of nesting for each dimension; of `UInt8`,
    /// also bytes.
    init(from reader: inout PythonReader) throws {
        if Element.self == UInt8.self, reader.isInFrame,
            try reader.cbor.peek().isBytes,
            // The cast cannot fail: Element is UInt8.
            let bytes = try reader.cbor.byteString() as? [Element]
        {
            self = bytes
            return
        }
        guard let sequence = try reader.sequence() else {
            self = try reader.readPlain(as: Self.self)
            return
        }
        if case .parts(let part) = sequence, let copied = Self.copying(part) {
            self = copied
            return
        }
        self = []
        if let direct = Element.self as? any PythonDecodable.Type {
            try decodeItems(as: direct, of: sequence, from: &reader)
            return
        }
        try reader.forEachItem(of: sequence) { reader, _ in
            append(try reader.decode(decodable: Element.self))
        }
    }

    /// Reads the items with one cast for all of them: a cast costs more than reading a small item.
    private mutating func decodeItems<Item: PythonDecodable>(
        as _: Item.Type, of sequence: PythonReader.Sequence, from reader: inout PythonReader
    ) throws {
        var items: [Item] = []
        try reader.forEachItem(of: sequence) { reader, _ in
            items.append(try Item(from: &reader))
        }
        // SAFETY: Item is Element. (A cast of the array would cast each of its items.)
        self = unsafeBitCast(items, to: [Element].self)
    }

    /// All elements in one go, if they are of this very type.
    private static func copying(_ part: PythonReader.ArrayPart) -> [Element]? {
        guard part.shape.count == 1, !part.elements.isBigEndian, Element.self != Bool.self,
            let scalar = Element.self as? any NDArrayScalar.Type,
            scalar.dtype.element == part.elements.type,
            MemoryLayout<Element>.stride == part.elements.type.size
        else { return nil }
        return Array(unsafeUninitializedCapacity: part.elements.count) { buffer, count in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: part.elements.bytes)
            count = part.elements.count
        }
    }
}

extension Dictionary: PythonDecodable where Key: Decodable, Value: Decodable {
    init(from reader: inout PythonReader) throws {
        var entries: Self = [:]
        let isDict = try reader.readEntries(of: Self.self) { (key: Key, value: Value) in
            entries.updateValue(value, forKey: key)
        }
        self = isDict ? entries : try reader.readPlain(as: Self.self)
    }
}

extension AnyNDArray: PythonDecodable, Decodable {
    /// Reads a numpy array.
    init(from reader: inout PythonReader) throws {
        if let part = reader.part {
            reader.place = .frame
            self.init(shape: Array(part.shape), elements: part.elements)
            return
        }
        let head = try reader.cbor.peek()
        if head.major == .tag, head.argument == CBORTag.array {
            _ = try reader.cbor.head()
            self = try OtherArray(from: &reader).array
            return
        }
        guard head.major == .tag, head.argument == CBORTag.rowMajorArray else {
            if let array = try reader.unwrapped(as: Self.self) {
                self = array
                return
            }
            throw reader.mismatch(
                Self.self, "return a numpy array from Python, or ask for an Array here")
        }
        _ = try reader.cbor.head()
        let (shape, elements) = try reader.cbor.rowMajorArray()
        self.init(shape: shape, elements: elements)
    }

    /// For decoders other than this package's.
    public init(from decoder: any Decoder) throws {
        if let value = try Self(directlyFrom: decoder) {
            self = value
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(PythonValue.self, forKey: .dtype)
        let shape = try container.decode([Int].self, forKey: .shape)
        let bytes = try container.decode([UInt8].self, forKey: .bytes)
        guard let dtype = try? DType(content: name), shape.allSatisfy({ $0 >= 0 }),
            bytes.count == shape.reduce(dtype.size, { $0.multipliedReportingOverflow(by: $1).0 })
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .bytes, in: container,
                debugDescription: "\(bytes.count) bytes are no array of shape \(shape) of \(name)")
        }
        let storage = bytes.withUnsafeBytes { ArrayStorage(copying: $0) }
        self.init(dtype: dtype, shape: shape, storage: storage)
    }

    private enum CodingKeys: CodingKey { case dtype, shape, bytes }
}

extension NDArray: PythonDecodable, Decodable {
    /// Reads a numpy array of exactly this dtype.
    init(from reader: inout PythonReader) throws {
        let start = reader
        let array: AnyNDArray
        do { array = try AnyNDArray(from: &reader) } catch is ConversionError {
            throw start.mismatch(
                Self.self, "return a numpy array from Python, or ask for an Array here")
        }
        guard array.dtype == Scalar.dtype else {
            throw ConversionError(
                "expected \(TypeName.of(Self.self)), found a numpy array of \(array.dtype); ask for an "
                    + "NDArray of that type or an AnyNDArray, or convert it in Python with "
                    + "astype(\"\(Scalar.dtype)\")")
        }
        self.init(array)
    }

    /// For decoders other than this package's.
    public init(from decoder: any Decoder) throws {
        if let value = try Self(directlyFrom: decoder) {
            self = value
            return
        }
        let array = try AnyNDArray(from: decoder)
        guard array.dtype == Scalar.dtype else {
            throw DecodingError.typeMismatch(
                Self.self,
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "found an array of \(array.dtype)"))
        }
        self.init(array)
    }
}
