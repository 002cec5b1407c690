import ProxyWire

/// What a call is made of: what is called, where, and how.
public struct PythonCallee: Sendable {
    let link: ServerLink
    var target: CallTarget
    var options = CallOptions()

    func appending(_ step: CallTarget.Step) -> PythonCallee {
        var callee = self
        callee.target = target.appending(step)
        return callee
    }

    // MARK: Arguments

    static func arguments<Value: Encodable & Sendable>(
        _ pairs: KeyValuePairs<String, Value>
    ) -> [CallRequest.Argument] { pairs.map { ($0.key, $0.value) } }

    static func arguments(
        _ pairs: KeyValuePairs<String, PythonArgument>
    ) -> [CallRequest.Argument] { pairs.map { ($0.key, $0.value ?? PythonValue.none) } }

    static func arguments(
        _ positional: [PythonArgument], _ keywords: [(name: String, value: PythonArgument)]
    ) -> [CallRequest.Argument] {
        positional.map { ("", $0 ?? PythonValue.none) }
            + keywords.map { ($0.name, $0.value ?? PythonValue.none) }
    }

    // MARK: Performing

    nonisolated(nonsending) func result<Value: Decodable>(
        _ operation: CallOperation, _ arguments: [CallRequest.Argument] = []
    ) async throws -> Value {
        let reply = try await perform(
            operation, arguments, as: SchemaBuilder.schema(of: Value.self))
        return try ConversionError.naming(function: "\(target)") {
            try ValueCoding.decode(Value.self, from: reply, as: "result")
        }
    }

    nonisolated(nonsending) func tuple<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        _ operation: CallOperation, _ arguments: [CallRequest.Argument] = []
    ) async throws -> (First, Second, repeat each Rest) {
        var schemas = [
            SchemaBuilder.schema(of: First.self), SchemaBuilder.schema(of: Second.self),
        ]
        for type in repeat (each Rest).self { schemas.append(SchemaBuilder.schema(of: type)) }
        let reply = try await perform(operation, arguments, as: .tuple(schemas))
        return try ConversionError.naming(function: "\(target)") {
            try ValueCoding.decode(
                tuple: (First, Second, repeat each Rest).self, from: reply, as: "result")
        }
    }

    nonisolated(nonsending) func perform(
        _ operation: CallOperation, _ arguments: [CallRequest.Argument], as schema: ValueSchema
    ) async throws -> ValueCoding.Encoded {
        // Before a new server is started that does not have it.
        try target.object?.checkIsThere()
        let isTraced = link.tracesObjects && schema.mayHaveObjects
        let request = CallRequest(
            operation: operation, target: target, arguments: arguments, schema: schema,
            place: isTraced ? await SourcePlace.ofCaller() : nil,
            context: PythonContext.innermost(of: link))
        do {
            return try await options.call(request, on: link)
        } catch ProxyError.conversion(let error) {
            throw ProxyError.conversion(error.of(function: "\(target)"))
        }
    }
}
