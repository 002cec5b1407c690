/// Who reads and who runs: the rules of dispatch, as a state machine without threads.
///
/// Exactly one thread holds the *reading role*: it waits for requests of all clients and runs them
/// itself, so that a short call needs no change of threads. When one of its calls takes longer than a
/// tick of the monitor, the role moves to another thread, and the requests that arrive meanwhile run
/// there. The main thread has precedence: it gets the role back with the first call that arrives after
/// it has become free, because signals and GUI toolkits work only there.
///
/// While calls wait, the reader *glances* at what has come once in a tick: cancellations, pings and calls of
/// other clients do not wait behind a burst. Sessions take turns (`FairQueue`).
///
/// Calls that wait are spread over more threads while the process leaves the processors idle. If its threads
/// compute, and get less time than there are of them, they wait for the interpreter's lock (*contention*): more of
/// them would only make each call slower, so that a thread that has finished its call rests.
///
/// One item at a time may be *exclusive*: it runs on the main thread when nothing else runs, and calls that
/// arrive meanwhile wait for it. They do not wait for ever for calls that run long: when their patience is over
/// they begin all the same, and the exclusive item waits until those that held it up have ended.
///
/// | a thread is | event | becomes |
/// |---|---|---|
/// | reading | `next`: a call may begin | running |
/// | reading | `next`: a call may begin, and the main thread is idle | idle; the main thread runs it, and has the role |
/// | running | `answers` | finishing |
/// | arriving | `next` | as reading |
/// | running | `blocks`: it waits for its client | blocked; another thread gets the role |
/// | blocked | `invoked`: a call of the same chain has come | running that one |
/// | blocked | `unblocked` | running |
/// | running | `detaches`: its call goes on without a thread | as after `finished` |
/// | running, finishing | `finished`, in a chain | blocked in the call before |
/// | running, finishing | `finished`, as the holder of the role | reading, or running the next |
/// | running, finishing | `finished` | running the next, or idle |
/// | idle | a command of any event | running; or arriving, with the role |
///
/// | the exclusive item is | event | becomes |
/// |---|---|---|
/// | none | `expectExclusive` | expected |
/// | none, expected | `runExclusively` | queued |
/// | queued | nothing runs any more | running |
/// | queued | `tick`, for longer than `maximumPatience` | postponed |
/// | postponed | the calls that held it up have ended | queued |
/// | running | `finished` | none, or what has come behind it |
struct DispatchState<Call: SessionBound> {
    typealias ThreadID = Int
    static var main: ThreadID { 0 }

    /// What a thread does next.
    enum Step {
        /// Holds the role: wait for requests, then ask again.
        case read
        /// Holds the role: look what has come, without waiting, then ask again.
        case glance
        case run(Call)
        /// Wait for an assignment.
        case wait
        case stop
    }

    /// What an event makes necessary on other threads.
    enum Command {
        /// Tell a waiting thread.
        case assign(ThreadID, Assignment)
        /// Start a thread.
        case start(ThreadID, Assignment)
        /// Let the thread that waits for requests come back, and ask what to do.
        case wakeReader
    }

    enum Assignment {
        case read
        case run(Call)
        case stop
    }

    /// What the thread of an event does next, and what others do.
    struct Outcome {
        var step: Step
        var commands: [Command] = []
    }

    struct Execution {
        let sequence: UInt64
        let call: Call
    }

    /// A call, and those of the same chain that its thread runs while it waits for its client.
    struct Stack {
        var innermost: Execution
        var outer: [Execution] = []
    }

    enum Activity {
        /// Has been given the role, and will ask what to do.
        case arriving
        /// Waits for requests, as the holder of the role.
        case reading
        case running(Stack)
        /// Its call waits for its client, and the thread for a call of the same chain, or for the end of that.
        case blocked(Stack)
        /// Has sent the answer, and frees what the call has used.
        case finishing(Stack)
        case idle
        /// The system has not given this thread; its number is free.
        case ended

        var stack: Stack? {
            switch self {
            case .running(let stack), .blocked(let stack), .finishing(let stack): stack
            case .arriving, .reading, .idle, .ended: nil
            }
        }
    }

    var threads: [Activity] = [.arriving]
    var exclusive = Exclusive.none
    let maximumPatience: Int
    var queue = FairQueue<Call>()
    var reader: ThreadID = Self.main
    /// How many threads have a call.
    var occupied = 0
    /// Calls that go on without a thread.
    var detached: [UInt64: Execution] = [:]
    /// The reader has begun a call since the last tick, and others wait: it shall look what has come.
    var isGlanceDue = false
    private var glancesForCancellations = 0
    /// For so many ticks a call has been left to the main thread, which is about to finish one.
    var ticksOfFinishing = 0
    /// How many of the calls that wait may be spread over more threads at this tick.
    var spreadable = Self.spreadInTick
    var isContended = false
    let maximumRunning: Int
    let processors: Int
    var lastSequence: UInt64 = 0
    var sequenceAtLastTick: UInt64 = 0
    var lastSequenceAtTick: UInt64 = 0
    /// How long the next tick is, in milliseconds. Where many calls are short, fewer of them are disturbed by the
    /// monitor.
    var tickLength = 1
    var quietTicks = 0
    var monitorIsParked = true
    private(set) var isStopping = false
    /// No more calls come; when the last one has ended, the server does.
    private(set) var isDraining = false

    /// A client that does nothing but cancel holds up others for less than a millisecond or two.
    private static var maximumGlances: Int { 100 }
    /// Freeing what a call has used takes longer than this only if it is very much.
    private static var maximumTicksOfFinishing: Int { 500 }

    /// - Parameters:
    ///   - maximumRunning: how many calls run at the same time. A session that has none running may begin one
    ///     beyond that, so that nobody waits for others' long calls; unless it is 1, which means the main
    ///     thread alone.
    ///   - processors: how many threads can compute at the same time.
    ///   - maximumPatience: for so many ticks calls wait for an exclusive item that others hold up.
    init(maximumRunning: Int, processors: Int = 2, maximumPatience: Int = 5000) {
        self.maximumRunning = max(maximumRunning, 1)
        self.processors = processors
        self.maximumPatience = maximumPatience
    }

    /// What runs, outer calls of a chain included.
    var executions: [Execution] {
        threads.flatMap { $0.stack.map { $0.outer + [$0.innermost] } ?? [] } + detached.values
    }

    var executionCount: Int { occupied + detached.count }
    var runningCalls: [Call] { executions.map(\.call) }
    /// The call that runs, if there is just one. Calls that have sent their answers count if there is no other.
    var onlyRunningCall: Call? {
        guard executionCount > 0 else { return nil }
        var unanswered = detached.values.map(\.call)
        var answered: [Call] = []
        for thread in threads {
            switch thread {
            case .running(let stack), .blocked(let stack): unanswered.append(stack.innermost.call)
            case .finishing(let stack): answered.append(stack.innermost.call)
            case .arriving, .reading, .idle, .ended: break
            }
        }
        let calls = unanswered.isEmpty ? answered : unanswered
        return calls.count == 1 ? calls[0] : nil
    }

    /// Whether the last call has ended of those that the server wanted to see through. Calls of clients that do not
    /// read their answers are not waited for.
    var isDrained: Bool { isDraining && !isStopping && queue.isIdle && executionCount == 0 }

    mutating func drain() { isDraining = true }

    // MARK: Events of the reading thread

    mutating func arrived(_ calls: [Call]) {
        for call in calls { queue.append(call) }
    }

    /// The reader has looked what has come. While calls are being cancelled it looks again, a number of times,
    /// before it runs one that may be cancelled next.
    mutating func glanced(hasCancelled: Bool) {
        glancesForCancellations = hasCancelled ? glancesForCancellations + 1 : 0
        if hasCancelled, glancesForCancellations <= Self.maximumGlances { isGlanceDue = true }
    }

    /// Calls of a session do not begin until it is resumed: its client does not read the answers.
    mutating func pause(_ session: UInt64) { queue.pause(session) }
    mutating func resume(_ session: UInt64) { queue.resume(session) }

    /// Takes away the requests that have not begun and meet a condition.
    mutating func withdraw(where condition: (Call) -> Bool) -> [Call] {
        queue.remove(where: condition)
    }

    /// Takes away one request of a session that has not begun and meets a condition.
    mutating func withdrawFirst(of session: UInt64, where condition: (Call) -> Bool) -> Call? {
        queue.removeFirst(of: session, where: condition)
    }

    /// The thread that holds the role asks what to do.
    mutating func next(for thread: ThreadID) -> Outcome {
        if isStopping { return Outcome(step: .stop) }
        threads[thread] = .reading
        if thread == Self.main, let call = takeExclusive() { return run(call, on: thread) }
        var commands = beginExclusive()
        if isGlanceDue, !queue.isEmpty {
            isGlanceDue = false
            // It asks again before anything can be left waiting.
            threads[thread] = .arriving
            return Outcome(step: .glance, commands: commands)
        }
        if thread != Self.main, case .idle = threads[Self.main], let call = takeNext() {
            reader = Self.main
            begin(call, on: Self.main)
            threads[thread] = .idle
            commands.append(.assign(Self.main, .run(call)))
            return Outcome(step: .wait, commands: commands)
        }
        guard mayRun(thread), let call = takeNext(leavingOneOf: sessionOfFinishingMain) else {
            return Outcome(step: .read, commands: commands)
        }
        return run(call, on: thread, commands)
    }

    // MARK: Events of a thread that runs a call

    /// The call of a thread sends its answer; the thread has a little more to do before it has finished.
    mutating func answers(_ thread: ThreadID) {
        if case .running(let stack) = threads[thread] { threads[thread] = .finishing(stack) }
    }

    /// A thread has finished a call.
    mutating func finished(_ thread: ThreadID) -> Outcome {
        guard var stack = threads[thread].stack else { return Outcome(step: .wait) }
        if let outer = stack.outer.popLast() {
            stack.innermost = outer
            threads[thread] = .blocked(stack)
            return Outcome(step: .wait)
        }
        threads[thread] = .idle
        occupied -= 1
        noteEndForExclusive(stack.innermost, on: thread)
        return continues(thread)
    }

    /// A thread that has no call any more goes on.
    mutating func continues(_ thread: ThreadID) -> Outcome {
        if reader == thread { return next(for: thread) }
        if isStopping { return Outcome(step: .stop) }
        if thread == Self.main, let call = takeExclusive() { return run(call, on: thread) }
        var commands = beginExclusive()
        if thread != Self.main, case .idle = threads[Self.main], let call = takeNext() {
            begin(call, on: Self.main)
            commands.append(.assign(Self.main, .run(call)))
        }
        // The reader takes the next when it has finished its own.
        if isContended, threads[reader].stack != nil {
            return Outcome(step: .wait, commands: commands)
        }
        guard mayRun(thread), let call = takeNext() else {
            return Outcome(step: .wait, commands: commands)
        }
        return run(call, on: thread, commands)
    }

    /// The server ends: nothing begins any more.
    mutating func stop() -> [Command] {
        isStopping = true
        var commands: [Command] = [.wakeReader]
        for thread in threads.indices {
            if case .idle = threads[thread] {
                threads[thread] = .ended
                commands.append(.assign(thread, .stop))
            }
        }
        return commands
    }

    // MARK: What may begin

    private func mayRun(_ thread: ThreadID) -> Bool { thread == Self.main || maximumRunning > 1 }

    /// The session whose call the main thread has answered while another one reads: a client that calls again at
    /// once is served by the main thread.
    var sessionOfFinishingMain: UInt64? {
        guard reader != Self.main, case .finishing(let stack) = threads[Self.main],
            ticksOfFinishing < Self.maximumTicksOfFinishing
        else { return nil }
        return stack.innermost.call.sessionID
    }

    /// - Parameter session: one call of this session is not taken.
    mutating func takeNext(leavingOneOf session: UInt64? = nil) -> Call? {
        guard !isClosed, !queue.isEmpty else { return nil }
        if session == nil, occupied < maximumRunning { return queue.popFirst() }
        let (hasRoom, busy) = room
        guard hasRoom || maximumRunning > 1 else { return nil }
        return queue.popFirst { candidate, count in
            (hasRoom || !busy.contains(candidate)) && (candidate != session || count > 1)
        }
    }

    /// Whether fewer calls run than may, and if not, the sessions that have one.
    private var room: (hasRoom: Bool, busy: Set<UInt64>) {
        if occupied < maximumRunning { return (true, []) }
        return (false, Set(threads.compactMap { $0.stack?.innermost.call.sessionID }))
    }

    private mutating func run(
        _ call: Call, on thread: ThreadID, _ commands: [Command] = []
    ) -> Outcome {
        begin(call, on: thread)
        return Outcome(step: .run(call), commands: commands)
    }

    mutating func begin(_ call: Call, on thread: ThreadID) {
        if thread == Self.main { ticksOfFinishing = 0 }
        occupied += 1
        threads[thread] = .running(Stack(innermost: execution(of: call)))
    }

    mutating func execution(of call: Call) -> Execution {
        lastSequence += 1
        return Execution(sequence: lastSequence, call: call)
    }

    func sequence(of thread: ThreadID) -> UInt64 {
        threads[thread].stack?.innermost.sequence ?? .max
    }

    // MARK: Threads

    /// An idle thread, the main one first.
    var idleThread: ThreadID? {
        threads.firstIndex { if case .idle = $0 { true } else { false } }
    }

    /// An idle thread, or the number of a new one.
    mutating func takeThread() -> (ThreadID, isNew: Bool) {
        if let idle = idleThread { return (idle, false) }
        if let free = threads.firstIndex(where: { if case .ended = $0 { true } else { false } }) {
            return (free, true)
        }
        threads.append(.idle)
        return (threads.count - 1, true)
    }
}

extension DispatchState.Assignment: Sendable where Call: Sendable {}
extension DispatchState.Command: Sendable where Call: Sendable {}
