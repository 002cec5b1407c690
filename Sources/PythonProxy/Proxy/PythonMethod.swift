/// A Python method whose name is also that of an operation of ``PythonAttribute``.
///
/// ```swift
/// let response = try await python.requests.get("https://example.org", timeout: 5)
/// let status: Int = try await python.requests.codes.ok.get()      // reads the attribute
/// ```
///
/// It is what `get`, `set`, `call` and the like are without the arguments that the operations take.
@dynamicCallable
public struct PythonMethod: Sendable {
    let attribute: PythonAttribute

    /// Calls the method with literals, with any result.
    @discardableResult
    public nonisolated(nonsending) func dynamicallyCall(
        withKeywordArguments arguments: PythonAttribute.Literals
    ) async throws -> PythonValue {
        try await attribute.dynamicallyCall(withKeywordArguments: arguments)
    }

    /// Calls the method with literals, with a result of the type asked for.
    public nonisolated(nonsending) func dynamicallyCall<Value: Decodable>(
        withKeywordArguments arguments: PythonAttribute.Literals
    ) async throws -> Value {
        try await attribute.dynamicallyCall(withKeywordArguments: arguments)
    }

    /// Calls the method with literals. Its result is a tuple or list of exactly as many items.
    public nonisolated(nonsending) func dynamicallyCall<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        withKeywordArguments arguments: PythonAttribute.Literals
    ) async throws -> (First, Second, repeat each Rest) {
        try await attribute.dynamicallyCall(withKeywordArguments: arguments)
    }

    /// Calls the method, with any result.
    @_disfavoredOverload @discardableResult
    public nonisolated(nonsending) func dynamicallyCall(
        withKeywordArguments arguments: PythonAttribute.Arguments
    ) async throws -> PythonValue {
        try await attribute.dynamicallyCall(withKeywordArguments: arguments)
    }

    /// Calls the method, with a result of the type asked for.
    @_disfavoredOverload
    public nonisolated(nonsending) func dynamicallyCall<Value: Decodable>(
        withKeywordArguments arguments: PythonAttribute.Arguments
    ) async throws -> Value {
        try await attribute.dynamicallyCall(withKeywordArguments: arguments)
    }

    /// Calls the method, whose result is a tuple or list of exactly as many items.
    @_disfavoredOverload
    public nonisolated(nonsending) func dynamicallyCall<
        First: Decodable, Second: Decodable, each Rest: Decodable
    >(
        withKeywordArguments arguments: PythonAttribute.Arguments
    ) async throws -> (First, Second, repeat each Rest) {
        try await attribute.dynamicallyCall(withKeywordArguments: arguments)
    }
}

extension PythonAttribute {
    /// Python's own `get`, when it is called with arguments: `requests.get("https://example.org")`.
    @_disfavoredOverload
    public var get: PythonMethod { PythonMethod(attribute: self["get"]) }
    /// Python's own `set`, when it is called with other arguments than one value: `axes.set(title: "a")`.
    @_disfavoredOverload
    public var set: PythonMethod { PythonMethod(attribute: self["set"]) }
    /// Python's own `call`, when it is called with other arguments than `arguments` and `keywords`.
    @_disfavoredOverload
    public var call: PythonMethod { PythonMethod(attribute: self["call"]) }
}
