import ProxyWire

/// A dotted name on a proxy: to be called, read or assigned.
///
/// ```swift
/// let x: [Double] = try await numpy.linalg.solve(a, b)
/// let pi: Double = try await math.pi.get()
/// ```
///
/// It is a plain value: it does nothing until it is used, and any number of them can be kept.
@dynamicMemberLookup
@dynamicCallable
public struct PythonAttribute: Sendable {
    let link: ServerLink
    /// What the path is relative to.
    let package: String?
    var path = ""
    var timeout: Duration?
    var escalation = Escalation.none

    /// A member of what this name stands for.
    public subscript(dynamicMember name: String) -> PythonAttribute { self[name] }

    /// A member of what this name stands for, by a dotted path; also one whose name is that of a member
    /// of `PythonAttribute`.
    public subscript(path: String) -> PythonAttribute {
        var member = self
        member.path = self.path.isEmpty ? path : "\(self.path).\(path)"
        return member
    }

    // MARK: Calling

    /// Calls the function, with any result.
    @discardableResult
    public nonisolated(nonsending) func dynamicallyCall(
        withKeywordArguments arguments: KeyValuePairs<String, any Encodable & Sendable>
    ) async throws -> PythonValue {
        try await result(.call, arguments.map { ($0.key, $0.value) })
    }

    /// Calls the function, with a result of the type asked for.
    public nonisolated(nonsending) func dynamicallyCall<Value: PythonDecodable>(
        withKeywordArguments arguments: KeyValuePairs<String, any Encodable & Sendable>
    ) async throws -> Value {
        try await result(.call, arguments.map { ($0.key, $0.value) })
    }

    /// Calls the function, whose result is a tuple or list of exactly as many items.
    public nonisolated(nonsending) func dynamicallyCall<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        withKeywordArguments arguments: KeyValuePairs<String, any Encodable & Sendable>
    ) async throws -> (First, Second, repeat each Rest) {
        try await tuple(.call, arguments.map { ($0.key, $0.value) })
    }

    /// Calls the function, with a result of a type of yours.
    @_disfavoredOverload
    public nonisolated(nonsending) func dynamicallyCall<Value: Decodable>(
        withKeywordArguments arguments: KeyValuePairs<String, any Encodable & Sendable>
    ) async throws -> Value {
        try await result(.call, arguments.map { ($0.key, $0.value) })
    }

    /// Calls the function with arguments that are known only at run time.
    ///
    /// - Parameters:
    ///   - arguments: the positional arguments.
    ///   - keywords: the keyword arguments.
    @discardableResult
    public nonisolated(nonsending) func call(
        arguments: [any Encodable & Sendable],
        keywords: [(name: String, value: any Encodable & Sendable)] = []
    ) async throws -> PythonValue {
        try await result(.call, arguments.map { ("", $0) } + keywords)
    }

    // MARK: Reading and assigning

    /// The value of the attribute.
    public nonisolated(nonsending) func get() async throws -> PythonValue {
        try await result(.get)
    }

    /// The value of the attribute, as the type asked for.
    public nonisolated(nonsending) func get<Value: PythonDecodable>() async throws -> Value {
        try await result(.get)
    }

    /// The value of the attribute, a tuple or list of exactly as many items.
    public nonisolated(nonsending) func get<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >() async throws -> (
        First, Second, repeat each Rest
    ) {
        try await tuple(.get)
    }

    /// The value of the attribute, as a type of yours.
    @_disfavoredOverload
    public nonisolated(nonsending) func get<Value: Decodable>() async throws -> Value {
        try await result(.get)
    }

    /// Assigns the attribute.
    public nonisolated(nonsending) func set(_ value: any Encodable & Sendable) async throws {
        _ = try await perform(.set, [("", value)], as: .value)
    }

    private nonisolated(nonsending) func result<Value: PythonDecodable>(
        _ operation: CallOperation,
        _ arguments: [(name: String, value: any Encodable & Sendable)] = []
    ) async throws -> Value {
        try ValueCoding.decode(
            Value.self,
            from: try await perform(
                operation, arguments, as: SchemaBuilder.schema(of: Value.self)))
    }

    @_disfavoredOverload
    private nonisolated(nonsending) func result<Value: Decodable>(
        _ operation: CallOperation,
        _ arguments: [(name: String, value: any Encodable & Sendable)] = []
    ) async throws -> Value {
        try ValueCoding.decode(
            Value.self,
            from: try await perform(
                operation, arguments, as: SchemaBuilder.schema(of: Value.self)))
    }

    private nonisolated(nonsending) func tuple<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        _ operation: CallOperation,
        _ arguments: [(name: String, value: any Encodable & Sendable)] = []
    ) async throws -> (First, Second, repeat each Rest) {
        var schemas = [
            SchemaBuilder.schema(of: First.self), SchemaBuilder.schema(of: Second.self),
        ]
        for type in repeat (each Rest).self { schemas.append(SchemaBuilder.schema(of: type)) }
        return try ValueCoding.decode(
            tuple: (First, Second, repeat each Rest).self,
            from: try await perform(operation, arguments, as: .tuple(schemas)))
    }

    private nonisolated(nonsending) func perform(
        _ operation: CallOperation,
        _ arguments: [(name: String, value: any Encodable & Sendable)], as schema: ValueSchema
    ) async throws -> InboundFrame {
        let request = CallRequest(
            operation: operation, target: "\(package ?? ""):\(path)", arguments: arguments,
            escalation: escalation, schema: schema)
        guard let timeout else { return try await link.call(request) }
        return try await Deadline.run(within: timeout) { [link] in try await link.call(request) }
    }
}
