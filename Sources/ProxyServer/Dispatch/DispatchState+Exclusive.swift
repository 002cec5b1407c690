/// The exclusive item: one that runs when nothing else does.
extension DispatchState {
    /// Transitions: in the table of `DispatchState`.
    enum Exclusive {
        /// Calls begin as they come.
        case none
        /// It is about to come: calls wait.
        case expected
        /// It waits for the calls that run to end, and later calls wait for it, for so many ticks by now.
        case queued(Call, ticks: Int)
        /// Patience is over: calls go on beginning, until those that held it up have ended.
        case postponed(Call, obstacles: Set<UInt64>)
        /// It runs on a thread; another one may be expected, or queued, behind it.
        case running(ThreadID, next: Next)
    }

    enum Next {
        case none
        case expected
        case queued(Call)
    }

    /// Whether calls wait for the exclusive item.
    var isClosed: Bool {
        switch exclusive {
        case .expected, .queued, .running: true
        case .none, .postponed: false
        }
    }

    /// No more calls begin, because an exclusive item is about to come.
    mutating func expectExclusive() {
        switch exclusive {
        case .none: exclusive = .expected
        case .running(let thread, .none): exclusive = .running(thread, next: .expected)
        case .expected, .queued, .postponed, .running: break
        }
    }

    /// Runs an item by itself, as soon as nothing else runs; in the place of one that has not begun.
    mutating func runExclusively(_ call: Call) -> [Command] {
        switch exclusive {
        case .none, .expected: exclusive = .queued(call, ticks: 0)
        case .queued(_, let ticks): exclusive = .queued(call, ticks: ticks)
        case .postponed(_, let obstacles): exclusive = .postponed(call, obstacles: obstacles)
        case .running(let thread, _): exclusive = .running(thread, next: .queued(call))
        }
        return beginExclusive()
    }

    /// Gives the exclusive item to the main thread, if it can begin: modules that want the main thread may be
    /// loaded in it.
    mutating func beginExclusive() -> [Command] {
        let call: Call
        switch exclusive {
        case .queued(let waiting, _), .postponed(let waiting, _): call = waiting
        case .none, .expected, .running: return []
        }
        guard executionCount == 0, !isStopping else { return [] }
        switch threads[Self.main] {
        case .idle:
            exclusive = .running(Self.main, next: .none)
            begin(call, on: Self.main)
            return [.assign(Self.main, .run(call))]
        // It comes back, and asks what to do.
        case .reading: return [.wakeReader]
        // It comes, and asks what to do.
        case .arriving, .running, .blocked, .finishing, .ended: return []
        }
    }

    /// The exclusive item, if the main thread, which asks what to do, can begin it.
    mutating func takeExclusive() -> Call? {
        switch exclusive {
        case .queued(let call, _), .postponed(let call, _):
            guard executionCount == 0 else { return nil }
            exclusive = .running(Self.main, next: .none)
            return call
        case .none, .expected, .running: return nil
        }
    }

    /// A call or the exclusive item has ended.
    mutating func noteEndForExclusive(_ execution: Execution, on thread: ThreadID?) {
        switch exclusive {
        case .running(let runner, let next) where runner == thread:
            switch next {
            case .none: exclusive = .none
            case .expected: exclusive = .expected
            case .queued(let call): exclusive = .queued(call, ticks: 0)
            }
        case .postponed(let call, var obstacles):
            obstacles.remove(execution.sequence)
            exclusive =
                obstacles.isEmpty
                ? .queued(call, ticks: 0) : .postponed(call, obstacles: obstacles)
        case .none, .expected, .queued, .running: break
        }
    }

    /// A tick has passed in which calls have waited.
    mutating func losePatience() {
        guard case .queued(let call, let ticks) = exclusive, executionCount > 0 else { return }
        guard ticks >= maximumPatience else {
            exclusive = .queued(call, ticks: ticks + 1)
            return
        }
        exclusive = .postponed(call, obstacles: Set(executions.map(\.sequence)))
    }
}
