import ProxyWire

/// Scripts: many steps in one round trip.
extension Proxy {
    /// Takes many steps on the server in one round trip, and returns the value of an expression.
    ///
    /// ```swift
    /// let png: Data = try await proxy.script { py in
    ///     let plt = py.matplotlib.pyplot
    ///     let figure = plt.figure(figsize: [4, 3])
    ///     for level in levels { plt.axhline(level, color: "red") }
    ///     let buffer = py.io.BytesIO()
    ///     figure.savefig(buffer, format: "png")
    ///     return buffer.getvalue()
    /// }
    /// ```
    ///
    /// The closure records the steps and does nothing else: names under `py` are those of all of Python, each attribute,
    /// item, operator and call of an expression is a step, and steps are taken in the order of the program, whether
    /// their values are used or not. `py[object]` is a ``PythonObject`` in a script.
    ///
    /// A script is one call: it has one time limit, one output, is cancelled as a whole, and no module is reloaded in
    /// between. See <doc:Scripts>.
    ///
    /// - Parameters:
    ///   - timeout: as of ``with(timeout:escalation:)``.
    ///   - escalation: as of ``with(timeout:escalation:)``.
    ///   - output: as of ``with(output:)``.
    ///   - fileID: for messages: the file of the script.
    ///   - line: for messages: its first line.
    ///   - body: records the script.
    /// - Throws: what the closure throws; `PythonError` if a step raises, whose notes name the step; `ProxyError`.
    public nonisolated(nonsending) func script<Value: Decodable>(
        timeout: Duration? = nil, escalation: Escalation = .none,
        output: (@Sendable (OutputChunk) -> Void)? = nil,
        fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PythonExpression) throws -> PythonExpression
    ) async throws -> Value {
        try await RecordedScript(fileID, line) { py, _ in try body(py) }.run(
            on: link, CallOptions(timeout, escalation, output))
    }

    /// Takes many steps on the server in one round trip, and returns the value of an expression, of any type.
    ///
    /// As ``script(timeout:escalation:output:fileID:line:_:)``.
    @_disfavoredOverload @discardableResult
    public nonisolated(nonsending) func script(
        timeout: Duration? = nil, escalation: Escalation = .none,
        output: (@Sendable (OutputChunk) -> Void)? = nil,
        fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PythonExpression) throws -> PythonExpression
    ) async throws -> PythonValue {
        try await RecordedScript(fileID, line) { py, _ in try body(py) }.run(
            on: link, CallOptions(timeout, escalation, output))
    }

    /// Takes many steps on the server in one round trip, and returns the values of two expressions.
    ///
    /// As ``script(timeout:escalation:output:fileID:line:_:)``.
    public nonisolated(nonsending) func script<First: Decodable, Second: Decodable>(
        timeout: Duration? = nil, escalation: Escalation = .none,
        output: (@Sendable (OutputChunk) -> Void)? = nil,
        fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PythonExpression) throws -> (PythonExpression, PythonExpression)
    ) async throws -> (First, Second) {
        let script = try RecordedScript(
            fileID, line,
            tuple: { py, _ in
                let (first, second) = try body(py)
                return [first, second]
            })
        return try await script.runForTuple(on: link, CallOptions(timeout, escalation, output))
    }

    /// Takes many steps on the server in one round trip, and returns the values of three expressions.
    ///
    /// As ``script(timeout:escalation:output:fileID:line:_:)``.
    public nonisolated(nonsending) func script<
        First: Decodable, Second: Decodable, Third: Decodable
    >(
        timeout: Duration? = nil, escalation: Escalation = .none,
        output: (@Sendable (OutputChunk) -> Void)? = nil,
        fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PythonExpression) throws -> (PythonExpression, PythonExpression, PythonExpression)
    ) async throws -> (First, Second, Third) {
        let script = try RecordedScript(
            fileID, line,
            tuple: { py, _ in
                let (first, second, third) = try body(py)
                return [first, second, third]
            })
        return try await script.runForTuple(on: link, CallOptions(timeout, escalation, output))
    }

    /// Takes many steps on the server in one round trip.
    ///
    /// As ``script(timeout:escalation:output:fileID:line:_:)``.
    public nonisolated(nonsending) func script(
        timeout: Duration? = nil, escalation: Escalation = .none,
        output: (@Sendable (OutputChunk) -> Void)? = nil,
        fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PythonExpression) throws -> Void
    ) async throws {
        let script = try RecordedScript(fileID, line) { py, _ in
            try body(py)
            return PythonExpression(PythonValue.none)
        }
        let _: PythonValue = try await script.run(
            on: link, CallOptions(timeout, escalation, output))
    }
}
