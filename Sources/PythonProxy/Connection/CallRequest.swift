import ProxyWire

/// A call before it is sent.
struct CallRequest: Sendable {
    typealias Argument = PythonInvocation.Argument

    var operation: CallOperation
    var target: CallTarget
    /// Those without a name are positional.
    var arguments: [Argument]
    var escalation = Escalation.none
    /// Gets what the call prints.
    var listener: OutputListener?
    /// What the result is wanted as.
    var schema = ValueSchema.exact
    /// Where the program makes the call, if objects are traced.
    var place: String?
    /// The context that it runs in; nil: that of the session.
    var context: PythonContext?
    /// What a script consists of; it has no arguments.
    var script: Script?

    struct Script: Sendable {
        let recording: ScriptRecorder.Recording
        /// The first operands.
        let parameters: [any Encodable & Sendable]
    }

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
        let hasPlace = place != nil || context != nil
        let hasSchema = schema != .exact || hasPlace
        writer.cbor.array(
            count: 4 + (hasSchema ? 1 : 0) + (hasPlace ? 1 : 0) + (context == nil ? 0 : 1))
        writer.cbor.unsigned(operation.rawValue)
        do {
            try target.encode(into: &writer)
            if let script {
                try script.encode(into: &writer)
            } else {
                try writer.encode(arguments: arguments)
            }
            if hasSchema { schema.write(to: writer.cbor) }
            if hasPlace { writer.cbor.optionalText(place) }
            if let context {
                if operation == .enter { writer.cbor.array(count: 2) }
                writer.cbor.unsigned(context.number)
                if operation == .enter { writer.cbor.unsigned(context.outer?.number ?? 0) }
            }
        } catch {
            throw ProxyError(wrapping: error)
        }
        return buffer
    }
}

extension CallRequest.Script {
    /// Writes operands, steps and result in the place of arguments.
    fileprivate func encode(into writer: inout PythonWriter) throws {
        writer.cbor.array(count: 3)
        writer.cbor.array(count: recording.operands.count)
        for (index, operand) in recording.operands.enumerated() {
            if index < parameters.count {
                try writer.encode(parameters[index], inside: .root("parameter \(index + 1)"))
            } else {
                try writer.encode(operand)
            }
        }
        writer.cbor.indefiniteArray()
        writer.cbor.items(recording.steps.payload)
        writer.cbor.stop()
        writer.cbor.items(recording.result.payload)
        writer.cbor.map(count: 0)
        try writer.checkLength()
    }
}
