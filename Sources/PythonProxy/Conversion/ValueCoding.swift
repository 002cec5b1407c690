import ProxyWire

/// Encoding and decoding outside of a call.
enum ValueCoding {
    /// A value as it would travel.
    static func encode(_ value: any Encodable, limits: Limits = Limits()) throws -> InboundFrame {
        let buffer = FrameBuffer()
        var writer = PythonWriter(buffer, limits: limits)
        do { try writer.encode(value) } catch { throw ProxyError(wrapping: error) }
        return InboundFrame(kind: .reply, callID: 0, buffer: buffer)
    }

    static func decode<Value: PythonDecodable>(
        _ type: Value.Type, from frame: InboundFrame, limits: Limits = Limits()
    ) throws -> Value {
        try read(frame, limits) { try Value(from: &$0) }
    }

    @_disfavoredOverload
    static func decode<Value: Decodable>(
        _ type: Value.Type, from frame: InboundFrame, limits: Limits = Limits()
    ) throws -> Value {
        try read(frame, limits) { try $0.decode(decodable: type) }
    }

    /// The items of a tuple or list of exactly as many.
    static func decode<each Value: Decodable>(
        tuple: (repeat each Value).Type, from frame: InboundFrame, limits: Limits = Limits()
    ) throws -> (repeat each Value) {
        try read(frame, limits) { reader in
            let noun = reader.noun()
            guard var items = try reader.itemReaders() else {
                throw ConversionError("\(noun) is no \(tuple)")
            }
            var count = 0
            for _ in repeat (each Value).self { count += 1 }
            guard items.count == count else {
                throw ConversionError(
                    "\(noun) of \(items.count) items is no \(tuple), which has \(count)")
            }
            var index = 0
            func next<Item: Decodable>(_ type: Item.Type) throws -> Item {
                defer { index += 1 }
                do {
                    return try items[index].decode(decodable: type)
                } catch let error as ConversionError {
                    throw error.inside("[\(index)]")
                }
            }
            return (repeat try next((each Value).self))
        }
    }

    private static func read<Value>(
        _ frame: InboundFrame, _ limits: Limits, _ body: (inout PythonReader) throws -> Value
    ) throws -> Value {
        do {
            return try frame.read(limits: limits) { cbor in
                var reader = PythonReader(cbor)
                let value = try body(&reader)
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

extension ConversionError {
    /// What a type's own `init(from:)` did not like.
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, _):
            self.init("the dict has no key \(PythonRepresentation.of(key.stringValue))")
        case .typeMismatch(let type, let context):
            self.init("no \(type): \(context.debugDescription)")
        case .valueNotFound(let type, let context):
            self.init("None is no \(type): \(context.debugDescription)")
        case .dataCorrupted(let context): self.init(context.debugDescription)
        @unknown default: self.init("\(error)")
        }
    }
}
