import ProxyTransport

/// Runs requests on the main thread and on workers, by the rules of `DispatchState`.
///
/// `Context` is what a thread needs to run calls; each thread makes its own once.
final class Dispatcher<Call: Sendable, Context: Sendable>: Sendable {
    /// What the dispatcher does not know itself.
    struct Actions: Sendable {
        /// Prepares the current thread, a new worker.
        let attach: @Sendable () -> Context
        /// Waits for requests of any client. Called by one thread at a time.
        let receive: @Sendable () -> [Call]
        /// Runs a call, and calls the last argument just before it sends the answer.
        let perform: @Sendable (Call, Context, () -> Void) -> Void
        /// The last call has ended after `drain`.
        let drained: @Sendable () -> Void
    }

    private typealias State = DispatchState<Call>

    private let actions: Actions
    private let state: ConditionMutex<State>
    private let mailboxes = ConditionMutex<[Int: ConditionMutex<State.Assignment?>]>([:])

    /// Python code needs deep stacks: numpy overflows the 512 kB that macOS gives.
    private static var workerStackSize: Int { 16 << 20 }

    init(maximumRunning: Int = 64, actions: Actions) {
        self.actions = actions
        self.state = ConditionMutex(State(maximumRunning: maximumRunning))
    }

    /// Reads and runs on the current thread, the main one, until `stop`.
    func run(context: Context) throws(SystemError) {
        try NativeThread.start { [self] in monitor() }
        work(on: State.main, context: context, assignment: .read)
    }

    /// Sees through the calls that have come, and then says that it is drained.
    func drain() {
        let isDrained = state.withLock { state in
            state.drain()
            return state.isDrained
        }
        if isDrained { actions.drained() }
    }

    /// Lets no more calls begin; `run` returns as soon as the main thread is free.
    func stop() {
        for thread in state.signal({ $0.stop() }) { mailbox(thread).signal { $0 = .stop } }
    }

    /// No more calls begin, because an exclusive one is about to come.
    func expectExclusive() { state.withLock { $0.expectExclusive() } }

    /// Runs an item when nothing else runs. On the thread that reads.
    func runExclusively(_ call: Call) { state.withLock { $0.runExclusively(call) } }

    /// The calls that are running now.
    var runningCalls: [Call] { state.withLock { $0.runningCalls } }

    /// Takes away calls that have not begun.
    func withdraw(where condition: (Call) -> Bool) -> [Call] {
        state.withLock { $0.withdraw(where: condition) }
    }

    // MARK: Threads

    private func work(on thread: Int, context: Context, assignment: State.Assignment) {
        var assignment = assignment
        while true {
            var step = first(of: assignment, on: thread)
            loop: while true {
                switch step {
                case .read:
                    let calls = actions.receive()
                    step = advance { state in
                        state.arrived(calls)
                        return state.next(for: thread)
                    }
                case .run(let call):
                    actions.perform(call, context) { answers(thread) }
                    step = advance { $0.finished(thread) }
                case .handOverToMain:
                    mailbox(State.main).signal { $0 = .read }
                    break loop
                case .wait:
                    break loop
                case .stop:
                    // A worker that read takes the main thread along: it may be idle since.
                    return
                }
            }
            assignment = mailbox(thread).wait { assignment in
                defer { assignment = nil }
                return assignment
            }
        }
    }

    private func first(of assignment: State.Assignment, on thread: Int) -> State.Step {
        switch assignment {
        case .read: advance { $0.next(for: thread) }
        case .run(let call): .run(call)
        case .stop: .stop
        }
    }

    private func advance(_ event: (inout State) -> State.Step) -> State.Step {
        let (step, mustWake, isDrained) = state.withLock {
            (event(&$0), $0.monitorMustWake(), $0.isDrained)
        }
        if mustWake { state.signal { _ in } }
        if isDrained { actions.drained() }
        return step
    }

    private func answers(_ thread: Int) {
        if thread == State.main { state.withLock { $0.answers(thread) } }
    }

    private func mailbox(_ thread: Int) -> ConditionMutex<State.Assignment?> {
        mailboxes.withLock { mailboxes in
            if let mailbox = mailboxes[thread] { return mailbox }
            let mailbox = ConditionMutex<State.Assignment?>(nil)
            mailboxes[thread] = mailbox
            return mailbox
        }
    }

    // MARK: Monitor

    /// Ticks every millisecond while calls are being run, and sleeps otherwise.
    private func monitor() {
        while true {
            let isStopping = state.wait { state in
                state.isStopping ? true : (state.monitorIsParked ? nil : false)
            }
            if isStopping { return }
            state.wait(milliseconds: 1) { $0.isStopping ? () : nil }
            for command in state.withLock({ $0.tick() }) { carryOut(command) }
        }
    }

    private func carryOut(_ command: State.Command) {
        switch command {
        case .assign(let thread, let assignment):
            mailbox(thread).signal { $0 = assignment }
        case .start(let thread, let assignment):
            do throws(SystemError) {
                try NativeThread.start(
                    stackSize: Self.workerStackSize, blocksSignals: false
                ) { [self] in
                    work(on: thread, context: actions.attach(), assignment: assignment)
                }
            } catch {
                // No more threads: the one that is running the long call reads on when it is free.
                if let command = state.withLock({ $0.couldNotStart(thread, assignment) }) {
                    carryOut(command)
                }
            }
        }
    }
}
