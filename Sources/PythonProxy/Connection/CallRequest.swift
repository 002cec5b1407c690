import ProxyWire

/// A call before it is sent.
struct CallRequest: Sendable {
    typealias Argument = PythonInvocation.Argument

    var operation: CallOperation
    var target: CallTarget
    /// Those without a name are positional.
    var arguments: [Argument]
    var escalation = Escalation.none
    /// What the result is wanted as.
    var schema = ValueSchema.exact
    /// Where the program makes the call, if objects are traced.
    var place: String?

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
        let hasSchema = schema != .exact || place != nil
        writer.cbor.array(count: 4 + (hasSchema ? 1 : 0) + (place == nil ? 0 : 1))
        writer.cbor.unsigned(operation.rawValue)
        do {
            try target.encode(into: &writer)
            try writer.encode(arguments: arguments)
            if hasSchema { schema.write(to: writer.cbor) }
            if let place { writer.cbor.text(place) }
        } catch {
            throw ProxyError(wrapping: error)
        }
        return buffer
    }
}
