/// The exclusive item: one that runs when nothing else does.
extension DispatchState {
    /// Transitions: in the table of `DispatchState`.
    enum Exclusive {
        /// Calls begin as they come.
        case none
        /// It is about to come: calls wait.
        case expected
        /// It waits for the calls that run to end, and later calls wait for it, for so many ticks by now. One more
        /// may be expected.
        case queued(Call, ticks: Int, isMoreExpected: Bool = false)
        /// Patience is over: calls go on beginning, until those that held it up have ended.
        case postponed(Call, obstacles: Set<UInt64>, isMoreExpected: Bool)
        /// It runs on a thread; another one may be expected, or queued, behind it.
        case running(ThreadID, next: Next)
    }

    enum Next {
        case none
        case expected
        case queued(Call, isMoreExpected: Bool)
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
        case .queued(let call, let ticks, _):
            exclusive = .queued(call, ticks: ticks, isMoreExpected: true)
        case .postponed(let call, let obstacles, _):
            exclusive = .postponed(call, obstacles: obstacles, isMoreExpected: true)
        case .running(let thread, .none): exclusive = .running(thread, next: .expected)
        case .running(let thread, .queued(let call, _)):
            exclusive = .running(thread, next: .queued(call, isMoreExpected: true))
        case .expected, .running: break
        }
    }

    /// Runs an item by itself, as soon as nothing else runs; in the place of one that has not begun.
    mutating func runExclusively(_ call: Call) -> [Command] {
        switch exclusive {
        case .none, .expected: exclusive = .queued(call, ticks: 0)
        case .queued(_, let ticks, _): exclusive = .queued(call, ticks: ticks)
        case .postponed(_, let obstacles, _):
            exclusive = .postponed(call, obstacles: obstacles, isMoreExpected: false)
        case .running(let thread, _):
            exclusive = .running(thread, next: .queued(call, isMoreExpected: false))
        }
        return beginExclusive()
    }

    /// Gives the exclusive item to the main thread, if it can begin: modules that want the main thread may be
    /// loaded in it.
    mutating func beginExclusive() -> [Command] {
        guard let (call, next) = nextExclusive, !isStopping else { return [] }
        switch threads[Self.main] {
        case .idle:
            exclusive = .running(Self.main, next: next)
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
        guard let (call, next) = nextExclusive else { return nil }
        exclusive = .running(Self.main, next: next)
        return call
    }

    /// The exclusive item, if nothing else runs, and what comes behind it.
    private var nextExclusive: (Call, Next)? {
        guard executionCount == 0 else { return nil }
        switch exclusive {
        case .queued(let call, _, let isMoreExpected),
            .postponed(let call, _, let isMoreExpected):
            return (call, isMoreExpected ? .expected : .none)
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
            case .queued(let call, let isMoreExpected):
                exclusive = .queued(call, ticks: 0, isMoreExpected: isMoreExpected)
            }
        case .postponed(let call, var obstacles, let isMoreExpected):
            obstacles.remove(execution.sequence)
            exclusive =
                obstacles.isEmpty
                ? .queued(call, ticks: 0, isMoreExpected: isMoreExpected)
                : .postponed(call, obstacles: obstacles, isMoreExpected: isMoreExpected)
        case .none, .expected, .queued, .running: break
        }
    }

    /// A tick has passed in which calls have waited.
    mutating func losePatience() {
        guard case .queued(let call, let ticks, let isMoreExpected) = exclusive,
            executionCount > 0
        else { return }
        exclusive =
            ticks < maximumPatience
            ? .queued(call, ticks: ticks + 1, isMoreExpected: isMoreExpected)
            : .postponed(
                call, obstacles: Set(executions.map(\.sequence)), isMoreExpected: isMoreExpected)
    }
}
