import ProxyWire

/// Encoding and decoding outside of a call.
enum ValueCoding {
    /// A value as it would travel from the server.
    static func encode(_ value: any Encodable, limits: Limits = Limits()) throws -> InboundFrame {
        let buffer = FrameBuffer()
        var writer = PythonWriter(buffer, limits: limits, keepsDescriptions: true)
        do { try writer.encode(value) } catch { throw ProxyError(wrapping: error) }
        return InboundFrame(kind: .reply, callID: 0, buffer: buffer)
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from frame: InboundFrame, as root: String = "",
        limits: Limits = Limits()
    ) throws -> Value {
        try read(frame, root, limits) { try $0.decode(decodable: type) }
    }

    /// The items of a tuple or list of exactly as many.
    static func decode<each Value: Decodable>(
        tuple: (repeat each Value).Type, from frame: InboundFrame, as root: String = "",
        limits: Limits = Limits()
    ) throws -> (repeat each Value) {
        try read(frame, root, limits) { reader in
            let start = reader
            guard var items = try reader.itemReaders() else { throw start.mismatch(tuple) }
            var count = 0
            for _ in repeat (each Value).self { count += 1 }
            guard items.count == count else {
                throw ConversionError(
                    "expected \(TypeName.of(tuple)), found \(start.noun()) of \(items.count) items; ask "
                        + "for a tuple of as many, or for an Array")
            }
            var index = 0
            func next<Item: Decodable>(_ type: Item.Type) throws -> Item {
                defer { index += 1 }
                return try ConversionError.inside(.index(index)) {
                    try items[index].decode(decodable: type)
                }
            }
            return (repeat try next((each Value).self))
        }
    }

    private static func read<Value>(
        _ frame: InboundFrame, _ root: String, _ limits: Limits,
        _ body: (inout PythonReader) throws -> Value
    ) throws -> Value {
        do {
            return try frame.read(limits: limits) { cbor in
                var reader = PythonReader(cbor)
                let value = try ConversionError.inside(.root(root)) { try body(&reader) }
                cbor = reader.cbor
                return value
            }
        } catch {
            throw ProxyError(wrapping: error)
        }
    }
}

extension ProxyError {
    /// An error of reading or writing values, as users see it.
    init(wrapping error: any Error) {
        self =
            switch error {
            case let error as ProxyError: error
            case let error as ConversionError: .conversion(error)
            case let error as WireError: .protocolViolation("\(error)")
            case let error as DecodingError: .conversion(ConversionError(error))
            case let error as EncodingError: .conversion(ConversionError("\(error)"))
            default: .conversion(ConversionError("\(error)"))
            }
    }
}
