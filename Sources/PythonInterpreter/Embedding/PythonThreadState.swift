import CPythonABI

/// A thread's membership in the interpreter, kept for the life of the thread.
///
/// Making one for every call, as PyGILState_Ensure does, costs six times as much and loses
/// thread-local data between calls.
///
/// SAFETY (`@unchecked Sendable`): used only by the thread that it was made for.
package struct PythonThreadState: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Runs `body` with the GIL held.
    @inline(__always)
    func withGIL<Result>(_ body: () -> Result) -> Result {
        py.PyEval_RestoreThread(pointer)
        let result = body()
        _ = py.PyEval_SaveThread()
        return result
    }
}

/// Runs `body` without the GIL, on a thread that holds it.
func withoutGIL<Result>(_ body: () -> Result) -> Result {
    let state = py.PyEval_SaveThread()
    let result = body()
    py.PyEval_RestoreThread(state)
    return result
}
