import ProxyWire

/// A type that this package makes from Python values directly.
///
/// Conformances are provided by this package. Make your own types `Decodable`: they are made from
/// dicts, lists or single values, as their `init(from:)` says.
protocol PythonDecodable: Decodable {
    /// Reads the value.
    init(from reader: inout PythonReader) throws
}

/// Where values are read on their way from Python.
///
/// It stands before a value: the next item of the frame, or a part of an array or table that has been opened.
struct PythonReader {
    /// SAFETY: points into the frame and lives only inside `InboundFrame.read`, or into `backing`.
    var cbor: CBORReader
    var place = Place.frame
    /// The objects in what is read that stay on a server. The reader does not retain them: the code that makes it must, until reading has ended.
    var objects: Unmanaged<ObjectScope>?
    /// Holds what is read if that is no frame.
    var backing: Backing?

    struct Backing {
        let buffer: FrameBuffer
        let objects: ObjectScope
    }

    /// Where the value stands.
    enum Place {
        /// It is the next item of `cbor`.
        case frame
        /// An array or element of one.
        case array(ArrayPart)
        /// An element of an array of datetime64 or timedelta64.
        case time(DType, steps: Int64)
        /// A row of a table. `cbor` stands before the columns.
        case row(TableReader.Row)
    }

    struct ArrayPart {
        let shape: ArraySlice<Int>
        let elements: Elements

        /// The parts along the first dimension.
        func item(_ index: Int) -> ArrayPart {
            let stride = elements.count / max(shape.first ?? 1, 1)
            return ArrayPart(
                shape: shape.dropFirst(),
                elements: elements[index * stride..<(index + 1) * stride])
        }
    }

    var part: ArrayPart? { if case .array(let part) = place { part } else { nil } }
    var row: TableReader.Row? { if case .row(let row) = place { row } else { nil } }
    var isInFrame: Bool { if case .frame = place { true } else { false } }

    init(_ cbor: CBORReader, objects: ObjectScope? = nil) {
        self.cbor = cbor
        self.objects = objects.map { Unmanaged.passUnretained($0) }
    }

    /// Reads a value as the type asked for, whichever way it is decodable.
    mutating func decode<Value: Decodable>(decodable type: Value.Type) throws -> Value {
        if let direct = type as? any PythonDecodable.Type {
            return try decode(direct, as: type)
        }
        let decoder = DecodableReader(reader: self, codingPath: [])
        let value = try type.init(from: decoder)
        try skip()
        return value
    }

    private mutating func decode<Direct: PythonDecodable, Value>(
        _: Direct.Type, as _: Value.Type
    ) throws -> Value {
        // SAFETY: the types are the same. (A cast of an array would cast each of its elements.)
        unsafeBitCast(try Direct(from: &self), to: Value.self)
    }

    mutating func skip() throws {
        if isInFrame { try cbor.skip() } else { place = .frame }
    }

    /// A word for the next value: "a list".
    func noun() -> String {
        switch place {
        case .array(let part):
            return part.shape.isEmpty
                ? PythonValue(part.elements.number(at: 0)).noun
                : "a numpy array of \(DType(part.elements.type))"
        case .time(let dtype, _): return "a numpy \(dtype.scalarName)"
        case .row: return "a row of a table"
        case .frame: break
        }
        guard let head = try? cbor.peek() else { return "nothing" }
        guard head.major == .tag else { return head.noun }
        var ahead = self
        return (try? PythonValue(from: &ahead))?.noun ?? head.noun
    }

    /// The next value is not what is asked for.
    func mismatch(_ type: Any.Type, _ remedy: String? = nil) -> ConversionError {
        mismatch(expected: TypeName.of(type), remedy)
    }

    func mismatch(expected: String, _ remedy: String? = nil) -> ConversionError {
        var ahead = self
        if isInFrame, let head = try? cbor.peek(), head.major == .tag,
            head.argument == CBORTag.opaque,
            case .opaque(let opaque)? = try? PythonValue(from: &ahead)
        {
            return ConversionError(opaque.reason)
        }
        return .mismatch(expected: expected, found: noun(), remedy: remedy)
    }
}
