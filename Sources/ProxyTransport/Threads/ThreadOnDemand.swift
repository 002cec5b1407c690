/// A thread that starts when it is first needed, and then stays.
package final class ThreadOnDemand: Sendable {
    private let isStarted = ConditionMutex(false)

    package init() {}

    /// Starts the thread, which runs `body`, unless it has been started.
    ///
    /// - Throws: if the system gives no thread; the next one who needs it tries again.
    package func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let isFirst = isStarted.withLock { isStarted in
            defer { isStarted = true }
            return !isStarted
        }
        guard isFirst else { return }
        do throws(SystemError) { try NativeThread.start(body) } catch {
            isStarted.withLock { $0 = false }
            throw error
        }
    }
}
