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
/// (`numpy.errstate`, `decimal.localcontext`) holds for them and for no others. Calls that are made beside another one of
/// the block run in copies, and what they set is lost.
///
/// The context manager is left also when `body` throws, the task is cancelled, or the program ends. `__exit__` then gets
/// an exception: that which a call has raised, made anew from its class and arguments, or a `SwiftError` with the
/// description of the error. The error is thrown on, even if `__exit__` says that it has been dealt with: there is no
/// result instead.
///
/// A block within another one begins with what is set in that. `__exit__` is called when all calls of the block have
/// ended, and this returns when `__exit__` has. A call that goes on, perhaps because it takes no note of being cancelled,
/// is waited for for a second; then this throws, and `__exit__` is called later.
///
/// - Parameters:
///   - object: the context manager.
///   - body: gets what `__enter__` returns.
/// - Throws: what `body` throws; `PythonError` if `__enter__` or `__exit__` raises. If `body` has returned,
///   `ProxyError.timedOut` if a call of it has not ended within a second, and `ProxyError.serverUnavailable` if the server
///   was ending and has called `__exit__` with an exception.
public nonisolated(nonsending) func withContext<Result>(
    _ object: PythonObject, _ body: (PythonObject) async throws -> Result
) async throws -> Result {
    let block = ContextBlock(object)
    let entered = PythonContext.entered + [block.context]
    return try await PythonContext.$entered.withValue(entered) {
        let result: Result
        do {
            result = try await body(try await block.enter())
        } catch {
            do { try await block.leave(because: error) } catch let raised as PythonError {
                // As in Python, unless the caller is to be told of something else.
                throw error is CancellationError ? error : raised
            } catch {}
            throw error
        }
        try await block.leave()
        return result
    }
}
