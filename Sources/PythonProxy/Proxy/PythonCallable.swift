/// What can be called: a dotted name, or an object that stays on the server.
///
/// ```swift
/// let x: [Double] = try await numpy.linalg.solve(a, b)
/// let document: PythonObject = try await nlp("Zurich is buying")
/// ```
public protocol PythonCallable: Sendable {
    /// What is called.
    var _callee: PythonCallee { get }
}

extension PythonCallable {
    /// Keyword arguments by their labels; positional ones have none.
    public typealias Arguments = KeyValuePairs<String, PythonArgument>
    /// Arguments that are literals: those of a list or dictionary may be of different types, and the entries of
    /// a dictionary keep the order in which they are written.
    public typealias Literals = KeyValuePairs<String, PythonValue>

    /// Calls the function with literals, with any result.
    @discardableResult
    public nonisolated(nonsending) func dynamicallyCall(
        withKeywordArguments arguments: Literals
    ) async throws -> PythonValue {
        try await _callee.result(.call, PythonCallee.arguments(arguments))
    }

    /// Calls the function with literals, with a result of the type asked for.
    public nonisolated(nonsending) func dynamicallyCall<Value: Decodable>(
        withKeywordArguments arguments: Literals
    ) async throws -> Value { try await _callee.result(.call, PythonCallee.arguments(arguments)) }

    /// Calls the function with literals. Its result is a tuple or list of exactly as many items.
    public nonisolated(nonsending) func dynamicallyCall<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        withKeywordArguments arguments: Literals
    ) async throws -> (First, Second, repeat each Rest) {
        try await _callee.tuple(.call, PythonCallee.arguments(arguments))
    }

    /// Calls the function, with any result.
    @_disfavoredOverload @discardableResult
    public nonisolated(nonsending) func dynamicallyCall(
        withKeywordArguments arguments: Arguments
    ) async throws -> PythonValue {
        try await _callee.result(.call, PythonCallee.arguments(arguments))
    }

    /// Calls the function, with a result of the type asked for.
    @_disfavoredOverload
    public nonisolated(nonsending) func dynamicallyCall<Value: Decodable>(
        withKeywordArguments arguments: Arguments
    ) async throws -> Value { try await _callee.result(.call, PythonCallee.arguments(arguments)) }

    /// Calls the function, whose result is a tuple or list of exactly as many items.
    @_disfavoredOverload
    public nonisolated(nonsending) func dynamicallyCall<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        withKeywordArguments arguments: Arguments
    ) async throws -> (First, Second, repeat each Rest) {
        try await _callee.tuple(.call, PythonCallee.arguments(arguments))
    }
}
