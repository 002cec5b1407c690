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

    /// Keyword arguments by their labels; positional ones have none.
    public typealias Arguments = KeyValuePairs<String, PythonArgument>
    /// Arguments that are literals: those of a list or dictionary may be of different types, and the entries of
    /// a dictionary keep the order in which they are written.
    public typealias Literals = KeyValuePairs<String, PythonValue>

    /// Calls the function with literals, with any result.
    @discardableResult
    public nonisolated(nonsending) func dynamicallyCall(
        withKeywordArguments arguments: Literals
    ) async throws -> PythonValue { try await result(.call, Self.arguments(arguments)) }

    /// Calls the function with literals, with a result of the type asked for.
    public nonisolated(nonsending) func dynamicallyCall<Value: Decodable>(
        withKeywordArguments arguments: Literals
    ) async throws -> Value { try await result(.call, Self.arguments(arguments)) }

    /// Calls the function with literals. Its result is a tuple or list of exactly as many items.
    public nonisolated(nonsending) func dynamicallyCall<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        withKeywordArguments arguments: Literals
    ) async throws -> (First, Second, repeat each Rest) {
        try await tuple(.call, Self.arguments(arguments))
    }

    /// Calls the function, with any result.
    @_disfavoredOverload @discardableResult
    public nonisolated(nonsending) func dynamicallyCall(
        withKeywordArguments arguments: Arguments
    ) async throws -> PythonValue { try await result(.call, Self.arguments(arguments)) }

    /// Calls the function, with a result of the type asked for.
    @_disfavoredOverload
    public nonisolated(nonsending) func dynamicallyCall<Value: Decodable>(
        withKeywordArguments arguments: Arguments
    ) async throws -> Value { try await result(.call, Self.arguments(arguments)) }

    /// Calls the function, whose result is a tuple or list of exactly as many items.
    @_disfavoredOverload
    public nonisolated(nonsending) func dynamicallyCall<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        withKeywordArguments arguments: Arguments
    ) async throws -> (First, Second, repeat each Rest) {
        try await tuple(.call, Self.arguments(arguments))
    }

    /// Calls the function, with any result.
    ///
    /// - Parameters:
    ///   - arguments: the positional arguments.
    ///   - keywords: the keyword arguments.
    @discardableResult
    public nonisolated(nonsending) func call(
        arguments: [PythonArgument], keywords: KeyValuePairs<String, PythonArgument> = [:]
    ) async throws -> PythonValue {
        try await result(.call, Self.arguments(arguments, keywords.map { ($0.key, $0.value) }))
    }

    /// Calls the function, with a result of the type asked for.
    ///
    /// - Parameters:
    ///   - arguments: the positional arguments.
    ///   - keywords: the keyword arguments.
    public nonisolated(nonsending) func call<Value: Decodable>(
        arguments: [PythonArgument], keywords: KeyValuePairs<String, PythonArgument> = [:]
    ) async throws -> Value {
        try await result(.call, Self.arguments(arguments, keywords.map { ($0.key, $0.value) }))
    }

    /// Calls the function with keyword arguments whose names are known only at run time.
    ///
    /// - Parameters:
    ///   - arguments: the positional arguments.
    ///   - keywords: the keyword arguments.
    @discardableResult
    public nonisolated(nonsending) func call(
        arguments: [PythonArgument], keywords: [(name: String, value: PythonArgument)]
    ) async throws -> PythonValue {
        try await result(.call, Self.arguments(arguments, keywords))
    }

    private static func arguments<Value: Encodable & Sendable>(
        _ pairs: KeyValuePairs<String, Value>
    ) -> [CallRequest.Argument] { pairs.map { ($0.key, $0.value) } }

    private static func arguments(_ pairs: Arguments) -> [CallRequest.Argument] {
        pairs.map { ($0.key, $0.value ?? PythonValue.none) }
    }

    private static func arguments(
        _ positional: [PythonArgument], _ keywords: [(name: String, value: PythonArgument)]
    ) -> [CallRequest.Argument] {
        positional.map { ("", $0 ?? PythonValue.none) }
            + keywords.map { ($0.name, $0.value ?? PythonValue.none) }
    }

    // MARK: Reading and assigning

    /// The value of the attribute.
    public nonisolated(nonsending) func get() async throws -> PythonValue {
        try await result(.get)
    }

    /// The value of the attribute, as the type asked for.
    public nonisolated(nonsending) func get<Value: Decodable>() async throws -> Value {
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

    /// Assigns the attribute.
    public nonisolated(nonsending) func set(_ value: PythonArgument) async throws {
        _ = try await perform(.set, [("", value ?? PythonValue.none)], as: .exact)
    }

    private nonisolated(nonsending) func result<Value: Decodable>(
        _ operation: CallOperation,
        _ arguments: [CallRequest.Argument] = []
    ) async throws -> Value {
        let frame = try await perform(
            operation, arguments, as: SchemaBuilder.schema(of: Value.self))
        return try naming { try ValueCoding.decode(Value.self, from: frame, as: "result") }
    }

    private nonisolated(nonsending) func tuple<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        _ operation: CallOperation,
        _ arguments: [CallRequest.Argument] = []
    ) async throws -> (First, Second, repeat each Rest) {
        var schemas = [
            SchemaBuilder.schema(of: First.self), SchemaBuilder.schema(of: Second.self),
        ]
        for type in repeat (each Rest).self { schemas.append(SchemaBuilder.schema(of: type)) }
        let frame = try await perform(operation, arguments, as: .tuple(schemas))
        return try naming {
            try ValueCoding.decode(
                tuple: (First, Second, repeat each Rest).self, from: frame, as: "result")
        }
    }

    private nonisolated(nonsending) func perform(
        _ operation: CallOperation,
        _ arguments: [CallRequest.Argument], as schema: ValueSchema
    ) async throws -> InboundFrame {
        let request = CallRequest(
            operation: operation, target: "\(package ?? ""):\(path)", arguments: arguments,
            escalation: escalation, schema: schema)
        do {
            guard let timeout else { return try await link.call(request) }
            return try await Deadline.run(within: timeout) { [link] in
                try await link.call(request)
            }
        } catch ProxyError.conversion(let error) {
            throw ProxyError.conversion(error.of(function: path))
        }
    }

    /// Lets errors of conversion say which function was called.
    private func naming<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch ProxyError.conversion(let error) {
            throw ProxyError.conversion(error.of(function: path))
        }
    }
}
