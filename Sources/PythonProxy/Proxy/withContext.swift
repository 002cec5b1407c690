import ProxyWire

/// Enters a context manager, performs `body`, and leaves it, as Python's `with` does.
///
/// ```swift
/// let context: PythonObject = try await python.decimal.localcontext()
/// let third: String = try await withContext(context) { context in
///     try await context.prec.set(6)
///     return try await python.script { py in py.builtins.str(py.decimal.Decimal(1) / 3) }
/// }
/// ```
///
/// Calls of `body` run in one context of Python, from `__enter__` to `__exit__`, so that what is set for a context
/// (`numpy.errstate`, `decimal.localcontext`) holds for them and for no others. The context manager is left also when
/// `body` throws or the task is cancelled. `__exit__` then gets an exception: that which a call has raised, made anew
/// from its class and arguments, or a `SwiftError` with the description of the error. The error is thrown on, even if
/// `__exit__` says that it has been dealt with: there is no result instead.
///
/// - Parameters:
///   - object: the context manager.
///   - body: gets what `__enter__` returns.
/// - Throws: what `body` throws; `PythonError` if `__enter__` or `__exit__` raises.
public nonisolated(nonsending) func withContext<Result>(
    _ object: PythonObject, _ body: (PythonObject) async throws -> Result
) async throws -> Result {
    let callee = object._callee
    let entered = PythonContext.entered + [PythonContext(on: callee.link)]
    return try await PythonContext.$entered.withValue(entered) {
        let value: PythonObject = try await callee.result(.enter)
        let result: Result
        do {
            result = try await body(value)
        } catch {
            try await leave(callee, because: error)
            throw error
        }
        try await leave(callee, because: nil)
        return result
    }
}

/// Leaves it, also in a task that is cancelled.
private nonisolated(nonsending) func leave(
    _ callee: PythonCallee, because error: (any Error)?
) async throws {
    let thrown = error.map { ThrownError($0) }
    try await Task {
        let _: Bool = try await callee.result(.leave, [("", thrown)])
    }.value
}

/// What `__exit__` gets.
private struct ThrownError: Encodable, Sendable {
    let type: String?
    let module: String
    let arguments: [PythonValue]
    let text: String

    init(_ error: any Error) {
        let raised = error as? PythonError
        type = error is CancellationError ? "CancelledError" : raised?.type
        module = error is CancellationError ? "asyncio.exceptions" : raised?.module ?? ""
        arguments = raised?.args ?? []
        text = "\(error)"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(type)
        try container.encode(module)
        try container.encode(arguments)
        try container.encode(text)
    }
}
