import ProxyTransport
import ProxyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs work on the main thread and on workers, by the rules of `DispatchState`.
///
/// SAFETY (`@unchecked Sendable`): `actions` is set once, before the first thread is started; everything else is
/// immutable or behind a mutex.
final class Dispatcher: @unchecked Sendable {
    typealias Thread = any InterpreterThread
    private typealias State = DispatchState<Work>

    /// What has come from the clients.
    struct Received {
        var work: [Work] = []
        /// Sessions whose clients read again.
        var resumed: [UInt64] = []
        /// Calls have been cancelled.
        var hasCancelled = false
        /// No more calls come: when those that have come are answered, the server ends.
        var isDraining = false
    }

    /// What the dispatcher does not know itself.
    struct Actions {
        /// Prepares the current thread, a new worker.
        let attach: () -> Thread
        /// Receives requests of any client. Called by one thread at a time.
        let receive: (_ waits: Bool) -> Received
        /// Lets the thread that waits in `receive` come back.
        let wakeReader: () -> Void
        /// The last call has ended after the dispatcher began to drain.
        let drained: () -> Void
    }

    private var actions: Actions?
    private let state: ConditionMutex<State>
    private let mailboxes = ConditionMutex<[Int: ConditionMutex<State.Assignment?>]>([:])

    /// Python code needs deep stacks: numpy overflows the 512 kB that macOS gives.
    private static let workerStackSize = 16 << 20

    init(maximumRunning: Int) {
        let processors = max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1)
        state = ConditionMutex(State(maximumRunning: maximumRunning, processors: processors))
    }

    /// Reads and runs on the current thread, the main one, until `stop`.
    func run(on thread: Thread, actions: Actions) throws(SystemError) {
        self.actions = actions
        try NativeThread.start { [self] in monitor() }
        work(on: State.main, thread, begin(.read, on: State.main))
    }

    /// Lets no more calls begin; `run` returns as soon as the main thread is free.
    func stop() { carryOut(state.signal { $0.stop() }) }

    /// No more calls begin, because an exclusive item is about to come.
    func expectExclusive() { state.withLock { $0.expectExclusive() } }

    /// Runs an item when nothing else runs. On any thread.
    func runExclusively(_ work: Work) { carryOut(state.withLock { $0.runExclusively(work) }) }

    /// What is running now.
    var running: [Work] { state.withLock { $0.runningCalls } }

    /// What runs, if it is just one call.
    var onlyRunning: Work? { state.withLock { $0.onlyRunningCall } }

    /// Takes away work that has not begun.
    func withdraw(where condition: (Work) -> Bool) -> [Work] {
        state.withLock { $0.withdraw(where: condition) }
    }

    /// Takes away one call that has not begun.
    func withdraw(_ key: CallKey) -> Work? {
        state.withLock { $0.withdrawFirst(of: key.session) { $0.key == key } }
    }

    /// Lets no more calls of a session begin, until `Received.resumed` names it.
    func pause(_ session: UInt64) { state.withLock { $0.pause(session) } }

    /// A session has ended: what it has waiting does not begin.
    func forget(_ session: UInt64) {
        state.withLock { state in
            _ = state.withdraw { $0.sessionID == session }
            state.resume(session)
        }
    }

    /// The call of a thread sends its answer.
    func answers(_ thread: Int) { state.withLock { $0.answers(thread) } }

    // MARK: Threads

    /// Does what the state machine says. Holds on to no work that has been done: its frame may lend the memory of
    /// large arrays.
    private func work(on number: Int, _ thread: Thread, _ first: State.Step) {
        var step = first
        while true {
            switch step {
            case .read: step = receive(waits: true, on: number)
            case .glance: step = receive(waits: false, on: number)
            case .run(let work):
                work.perform(on: thread, number: number)
                step = advance { $0.finished(number) }
            case .wait: step = begin(nextAssignment(of: number), on: number)
            case .stop: return
            }
        }
    }

    private func nextAssignment(of number: Int) -> State.Assignment {
        mailbox(number).wait { assignment in
            defer { assignment = nil }
            return assignment
        }
    }

    private func receive(waits: Bool, on number: Int) -> State.Step {
        guard let received = actions?.receive(waits) else { return .stop }
        return advance { state in
            for session in received.resumed { state.resume(session) }
            state.arrived(received.work)
            if received.isDraining { state.drain() }
            state.glanced(hasCancelled: received.hasCancelled)
            return state.next(for: number)
        }
    }

    private func begin(_ assignment: State.Assignment, on number: Int) -> State.Step {
        switch assignment {
        case .read: advance { $0.next(for: number) }
        case .run(let work): .run(work)
        case .stop: .stop
        }
    }

    private func advance(_ event: (inout State) -> State.Outcome) -> State.Step {
        let (outcome, mustWake, isDrained) = state.withLock {
            (event(&$0), $0.monitorMustWake(), $0.isDrained)
        }
        if mustWake { state.wakeAll() }
        if !outcome.commands.isEmpty { carryOut(outcome.commands) }
        if isDrained { actions?.drained() }
        return outcome.step
    }

    private func carryOut(_ commands: [State.Command]) {
        for command in commands {
            switch command {
            case .assign(let number, let assignment):
                mailbox(number).signal { $0 = assignment }
            case .start(let number, let assignment): start(number, assignment)
            case .wakeReader: actions?.wakeReader()
            }
        }
    }

    private func start(_ number: Int, _ assignment: State.Assignment) {
        mailbox(number).withLock { $0 = assignment }
        do throws(SystemError) {
            try NativeThread.start(stackSize: Self.workerStackSize, blocksSignals: false) {
                [self] in
                guard let thread = actions?.attach() else { return }
                work(on: number, thread, .wait)
            }
        } catch {
            // No more threads: the one that is running the long call reads on when it is free.
            mailbox(number).withLock { $0 = nil }
            carryOut(state.withLock { $0.couldNotStart(number, assignment) })
        }
    }

    private func mailbox(_ number: Int) -> ConditionMutex<State.Assignment?> {
        mailboxes.withLock { mailboxes in
            if let mailbox = mailboxes[number] { return mailbox }
            let mailbox = ConditionMutex<State.Assignment?>(nil)
            mailboxes[number] = mailbox
            return mailbox
        }
    }

    // MARK: Monitor

    /// Ticks every millisecond or four while calls are being run, and sleeps otherwise.
    private func monitor() {
        var usage = ProcessorUsage()
        while true {
            let (isStopping, wasParked) = state.wait { state -> (Bool, Bool)? in
                if state.isStopping { return (true, false) }
                return state.monitorIsParked ? nil : (false, true)
            }
            if isStopping { return }
            if wasParked { usage = ProcessorUsage() }
            while tick(&usage) {}
        }
    }

    /// - Returns: whether the monitor goes on ticking.
    private func tick(_ usage: inout ProcessorUsage) -> Bool {
        let length = state.withLock { $0.tickLength }
        _ = state.wait(milliseconds: length) { $0.isStopping ? () : nil }
        let load = usage.load()
        let (commands, isParked) = state.withLock { state in
            (state.tick(load: load), state.monitorIsParked || state.isStopping)
        }
        carryOut(commands)
        return !isParked
    }
}
