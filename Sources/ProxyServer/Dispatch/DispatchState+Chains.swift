/// Calls that wait for their client, with those of the same chain that run meanwhile, and calls that go on without a
/// thread.
extension DispatchState {
    /// The call of a thread waits for its client. Somebody else must read what comes.
    mutating func blocks(_ thread: ThreadID) -> [Command] {
        guard case .running(let stack) = threads[thread] else { return [] }
        threads[thread] = .blocked(stack)
        return reader == thread ? [moveRole()] : []
    }

    /// A call of the same chain has come for a thread that is blocked.
    mutating func invoked(_ call: Call, on thread: ThreadID) -> [Command] {
        guard case .blocked(var stack) = threads[thread] else { return [] }
        stack.outer.append(stack.innermost)
        stack.innermost = execution(of: call)
        threads[thread] = .running(stack)
        return [.assign(thread, .run(call))]
    }

    /// The call of a blocked thread goes on.
    mutating func unblocked(_ thread: ThreadID) {
        if case .blocked(let stack) = threads[thread] { threads[thread] = .running(stack) }
    }

    /// The call of a thread goes on without it, until `endedDetached`.
    ///
    /// - Returns: what the thread does next, and the number of the call.
    mutating func detaches(_ thread: ThreadID) -> (Outcome, sequence: UInt64)? {
        guard case .running(let stack) = threads[thread], stack.outer.isEmpty else { return nil }
        detached[stack.innermost.sequence] = stack.innermost
        threads[thread] = .idle
        occupied -= 1
        return (continues(thread), stack.innermost.sequence)
    }

    mutating func endedDetached(_ sequence: UInt64) -> [Command] {
        guard let execution = detached.removeValue(forKey: sequence) else { return [] }
        noteEndForExclusive(execution, on: nil)
        return beginExclusive()
    }
}
