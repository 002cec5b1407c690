import ProxyWire

/// A call before it is sent.
struct CallRequest: Sendable {
    var operation: CallOperation
    /// "package:path".
    var target: String
    var arguments: KeyValuePairs<String, any Encodable & Sendable>

    /// Writes the payload of a call frame.
    func encode(limits: Limits) throws -> FrameBuffer {
        let buffer = FrameBuffer(limit: limits.frameLength)
        var writer = PythonWriter(buffer, limits: limits)
        writer.cbor.array(count: 4)
        writer.cbor.unsigned(operation.rawValue)
        writer.cbor.text(target)
        do {
            let keywordCount = arguments.count { !$0.key.isEmpty }
            writer.cbor.array(count: arguments.count - keywordCount)
            var index = 0
            for (key, value) in arguments where key.isEmpty {
                try writer.encode(value, inside: "arguments[\(index)]")
                index += 1
            }
            writer.cbor.map(count: keywordCount)
            for (key, value) in arguments where !key.isEmpty {
                writer.cbor.text(key)
                try writer.encode(value, inside: key)
            }
        } catch {
            throw ProxyError(wrapping: error)
        }
        return buffer
    }
}
