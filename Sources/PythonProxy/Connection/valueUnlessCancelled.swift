import ProxyTransport

/// The result of a task, for a task that stops waiting when it is cancelled. The other one goes on: others may wait for
/// it.
///
/// - Throws: `CancellationError`, or what the other task throws.
nonisolated(nonsending) func valueUnlessCancelled<Success: Sendable>(
    of task: Task<Success, any Error>
) async throws -> Success {
    let waiting = ConditionMutex<CheckedContinuation<Success, any Error>?>(nil)
    @Sendable func resume(_ result: Result<Success, any Error>) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(with: result)
    }
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            waiting.withLock { $0 = continuation }
            if Task.isCancelled { return resume(.failure(CancellationError())) }
            Task { resume(await task.result) }
        }
    } onCancel: {
        resume(.failure(CancellationError()))
    }
}
