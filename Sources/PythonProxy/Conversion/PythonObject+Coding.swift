import ProxyWire

extension PythonObject: TargetOwner {
    var target: CallTarget { CallTarget(root: .object(reference)) }
}

extension PythonObject: PythonEncodable, PythonDecodable, Codable {
    func encode(into writer: inout PythonWriter) throws { try writer.encode(reference) }

    /// Reads an object that stays on the server.
    init(from reader: inout PythonReader) throws {
        guard reader.isInFrame, try reader.cbor.peek().isTag(CBORTag.object) else {
            throw reader.mismatch(
                Self.self, "ask for PythonObject in the call itself, or for a type of values")
        }
        self.init(try reader.objectReference())
    }

    /// For decoders of this package only.
    public init(from decoder: any Decoder) throws {
        guard let value = try Self(directlyFrom: decoder) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "an object on a server cannot be decoded"))
        }
        self = value
    }
}

extension PythonObject: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .object }
}

extension PythonReader {
    /// Reads an object that stays on the server, whose tag comes next.
    mutating func objectReference() throws -> ObjectReference {
        _ = try cbor.head()
        try cbor.array(count: 2)
        let number = try cbor.unsigned()
        let className = try cbor.text()
        guard let objects else {
            throw ConversionError("an object that stays on a server has no meaning here")
        }
        // SAFETY: the code that made the reader retains the scope until reading has ended.
        return try objects.takeUnretainedValue().reference(number, className: className)
    }
}
