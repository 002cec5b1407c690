import ProxyWire

/// A type that this package converts to Python directly.
///
/// Conformances are provided by this package. Make your own types `Encodable`: they arrive as dicts,
/// lists or single values, as their `encode(to:)` says.
protocol PythonEncodable {
    /// Writes the value.
    func encode(into writer: inout PythonWriter) throws
}

/// Where values are written on their way to Python.
struct PythonWriter {
    let buffer: FrameBuffer
    /// Whether what the server has said of values is written, too, which only this side reads again.
    let keepsDescriptions: Bool
    private let maximumDepth: Int
    private var depth = 0

    /// The connection that has the objects which are written; nil if there is none.
    let home: ObjectIdentifier?
    /// Takes the objects of a value that is not sent.
    let objects: ObjectScope?

    init(
        _ buffer: FrameBuffer, limits: Limits, keepsDescriptions: Bool = false,
        home: ObjectIdentifier? = nil, objects: ObjectScope? = nil
    ) {
        self.home = home
        self.objects = objects
        self.keepsDescriptions = keepsDescriptions
        self.buffer = buffer
        self.maximumDepth = limits.depth
    }

    /// The CBOR writer, for one item.
    @inline(__always)
    var cbor: CBORWriter { CBORWriter(buffer) }

    /// Writes the items of a container, one level deeper.
    mutating func nested(
        levels: Int = 1, _ body: (inout PythonWriter) throws -> Void
    ) throws {
        guard depth + levels <= maximumDepth else {
            throw ConversionError("values nest deeper than \(maximumDepth) levels")
        }
        depth += levels
        defer { depth -= levels }
        try body(&self)
    }

    /// Writes any encodable value.
    mutating func encode(_ value: any Encodable) throws {
        try encodeUnchecked(value)
        try checkLength()
    }

    private mutating func encodeUnchecked(_ value: any Encodable) throws {
        if let value = value as? any PythonEncodable {
            try value.encode(into: &self)
        } else if let value = value as? any TargetOwner {
            try value.target.encodeValue(into: &self)
        } else if let value = value as? any CompasConvertible {
            try encode(object: value)
        } else {
            try EncodableWriter.write(value, into: &self)
        }
    }

    /// Writes an object of COMPAS.
    private mutating func encode(object: some CompasConvertible) throws {
        try nested { writer in
            writer.cbor.tag(CBORTag.compas)
            writer.cbor.array(count: 4)
            writer.cbor.text(type(of: object).compasDtype)
            writer.cbor.null()
            writer.cbor.null()
            try EncodableWriter.write(object, into: &writer)
        }
    }

    /// Throws if what has been written is longer than a frame may be.
    @inline(__always)
    func checkLength() throws {
        guard !buffer.isOverflowing else {
            throw ConversionError(
                "the arguments are larger than the longest frame that the server accepts; "
                    + "pass less, or in parts")
        }
    }

    /// Writes an item of a container; `step` says where it stands if that fails.
    mutating func encode(
        _ value: any Encodable, inside step: @autoclosure () -> ConversionError.Step
    ) throws {
        try ConversionError.inside(step()) { try encode(value) }
    }
}
