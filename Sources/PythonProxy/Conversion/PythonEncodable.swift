import ProxyWire

/// A type that this package converts to Python directly.
///
/// Conformances are provided by this package. Make your own types `Encodable`: they arrive as dicts,
/// lists or single values, as their `encode(to:)` says.
public protocol PythonEncodable {
    /// Writes the value.
    func encode(into writer: inout PythonWriter) throws
}

/// Where values are written on their way to Python.
public struct PythonWriter {
    let buffer: FrameBuffer
    private let maximumDepth: Int
    private var depth = 0

    init(_ buffer: FrameBuffer, limits: Limits) {
        self.buffer = buffer
        self.maximumDepth = limits.depth
    }

    /// The CBOR writer, for one item.
    @inline(__always)
    var cbor: CBORWriter { CBORWriter(buffer) }

    /// Writes the items of a container, one level deeper.
    mutating func nested(_ body: (inout PythonWriter) throws -> Void) throws {
        guard depth < maximumDepth else {
            throw ConversionError("values nest deeper than \(maximumDepth) levels")
        }
        depth += 1
        defer { depth -= 1 }
        try body(&self)
    }

    /// Writes any encodable value.
    mutating func encode(_ value: any Encodable) throws {
        if let value = value as? any PythonEncodable {
            try value.encode(into: &self)
        } else {
            try EncodableWriter.write(value, into: &self)
        }
        try checkLength()
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
    mutating func encode(_ value: any Encodable, inside step: @autoclosure () -> String) throws {
        do {
            try encode(value)
        } catch let error as ConversionError {
            throw error.inside(step())
        }
    }
}
