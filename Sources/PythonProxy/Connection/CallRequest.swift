import ProxyWire

/// A call before it is sent.
struct CallRequest: Sendable {
    typealias Argument = (name: String, value: any Encodable & Sendable)

    var operation: CallOperation
    var target: CallTarget
    /// Those without a name are positional.
    var arguments: [Argument]
    var escalation = Escalation.none
    /// What the result is wanted as.
    var schema = ValueSchema.exact

    /// Lets the server send log records from a level on.
    static func subscription(toLogsFrom level: PythonLogRecord.Level) -> CallRequest {
        CallRequest(
            operation: .service, target: .name("subscribe_logs"), arguments: [("", level.rawValue)])
    }

    /// Writes the payload of a call frame.
    ///
    /// - Parameter connection: takes long byte strings and arrays out of the frame, and has the objects of the
    ///   arguments.
    func encode(for connection: Connection) throws -> FrameBuffer {
        let limits = connection.limits
        let buffer = FrameBuffer(limit: limits.frameLength, lender: connection.lender)
        var writer = PythonWriter(buffer, limits: limits, home: ObjectIdentifier(connection))
        writer.cbor.array(count: schema == .exact ? 4 : 5)
        writer.cbor.unsigned(operation.rawValue)
        do {
            try target.encode(into: &writer)
            try writer.encode(arguments: arguments)
            if schema != .exact { schema.write(to: writer.cbor) }
        } catch {
            throw ProxyError(wrapping: error)
        }
        return buffer
    }
}
