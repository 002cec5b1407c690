/// Limits how long something may take.
enum Deadline {
    /// Runs `body`, and cancels it when the time is over.
    ///
    /// - Throws: `ProxyError.timedOut`, or what `body` throws.
    static func run<Value: Sendable>(
        within duration: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: duration)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else {
                throw ProxyError.timedOut(after: duration)
            }
            return value
        }
    }
}
