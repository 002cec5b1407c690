/// A script that is recorded once and run many times, with other values.
///
/// ```swift
/// let study = try PythonScript(parameters: 2) { py, p in py.model.solve(p[0], q: p[1]).max() }
/// for q in loads { results.append(try await study(on: proxy, net, q)) }
/// ```
///
/// See ``Proxy/script(timeout:escalation:output:fileID:line:_:)`` for what its closure may do.
public struct PythonScript: Sendable {
    private let script: RecordedScript
    private let parameterCount: Int

    /// Records a script.
    ///
    /// - Parameters:
    ///   - parameters: how many values are given to it each time.
    ///   - fileID: for messages: the file of the script.
    ///   - line: for messages: its first line.
    ///   - body: gets all of Python, and the parameters.
    /// - Throws: what `body` throws.
    public init(
        parameters: Int = 0, fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PythonExpression, [PythonExpression]) throws -> PythonExpression
    ) throws {
        script = try RecordedScript(fileID, line, parameterCount: parameters, body)
        parameterCount = parameters
    }

    /// Runs the script.
    ///
    /// - Parameters:
    ///   - proxy: of the server.
    ///   - timeout: as of ``Proxy/with(timeout:escalation:)``.
    ///   - escalation: as of ``Proxy/with(timeout:escalation:)``.
    ///   - output: as of ``Proxy/with(output:)``.
    ///   - values: of the parameters, as many as there are.
    public nonisolated(nonsending) func callAsFunction<Value: Decodable>(
        on proxy: Proxy, timeout: Duration? = nil, escalation: Escalation = .none,
        output: (@Sendable (OutputChunk) -> Void)? = nil, _ values: PythonArgument...
    ) async throws -> Value {
        guard values.count == parameterCount else {
            throw ProxyError.conversion(
                ConversionError(
                    "the script has \(parameterCount) parameters, and \(values.count) values are given"
                ))
        }
        return try await script.run(
            on: proxy.link, CallOptions(timeout, escalation, output),
            values.map { $0 ?? PythonValue.none })
    }
}
