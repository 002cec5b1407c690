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
    private(set) var queue = FairQueue<Call>()
    private var reader: ThreadID = Self.main
    /// How many threads have a call.
    private(set) var occupied = 0
    /// Calls that go on without a thread.
    private var detached: [UInt64: Execution] = [:]
    /// The reader has begun a call since the last tick, and others wait: it shall look what has come.
    private var isGlanceDue = false
    private var glancesForCancellations = 0
    /// For so many ticks a call has been left to the main thread, which is about to finish one.
    private var ticksOfFinishing = 0
    /// How many of the calls that wait may be spread over more threads at this tick.
    private var spreadable = Self.spreadInTick
    private var isContended = false
    private let maximumRunning: Int
    private let processors: Int
    private var lastSequence: UInt64 = 0
    private var sequenceAtLastTick: UInt64 = 0
    private var lastSequenceAtTick: UInt64 = 0
    /// How long the next tick is, in milliseconds. Where many calls are short, fewer of them are disturbed by the
    /// monitor.
    private(set) var tickLength = 1
    private var quietTicks = 0
    private(set) var monitorIsParked = true
    private(set) var isStopping = false
    /// No more calls come; when the last one has ended, the server does.
    private(set) var isDraining = false

    /// The monitor stops ticking after this many ticks in which the reader ran nothing.
    private static var ticksBeforeParking: Int { 200 }
    /// A client that does nothing but cancel holds up others for less than a millisecond or two.
    private static var maximumGlances: Int { 100 }
    /// No more calls than this are spread at a tick.
    private static var spreadInTick: Int { 8 }
    /// So many calls in a tick are short ones.
    private static var manyCalls: UInt64 { 20 }
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
    /// The call that runs, if there is just one.
    var onlyRunningCall: Call? {
        guard executionCount == 1 else { return nil }
        return threads.lazy.compactMap(\.stack).first?.innermost.call
            ?? detached.values.first?.call
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
    private mutating func continues(_ thread: ThreadID) -> Outcome {
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

    // MARK: Events of the monitor

    /// A tick has passed. If the reader has been running one call for the whole of it, someone else
    /// reads from now on, and what has arrived behind that call is spread over other threads.
    ///
    /// - Parameter load: how many processors the process has used since the last tick, on average.
    mutating func tick(load: Double = 0) -> [Command] {
        if isStopping { return [] }
        take(load)
        tickLength = queue.isEmpty && lastSequence - lastSequenceAtTick >= Self.manyCalls ? 4 : 1
        lastSequenceAtTick = lastSequence
        if !queue.isEmpty, isClosed { losePatience() }
        guard let current = threads[reader].stack?.innermost else { return tickOfReading() }
        quietTicks = 0
        guard current.sequence == sequenceAtLastTick else {
            sequenceAtLastTick = current.sequence
            isGlanceDue = !queue.isEmpty
            return []
        }
        return spread(leaving: 1) + [moveRole()]
    }

    /// The same while the reader waits for requests. Calls that wait all the same were left to the main thread,
    /// or have waited for the exclusive item.
    private mutating func tickOfReading() -> [Command] {
        if case .arriving = threads[reader] { return [] }
        guard !queue.isEmpty else {
            quietTicks += 1
            monitorIsParked = quietTicks >= Self.ticksBeforeParking
            return []
        }
        quietTicks = 0
        if sessionOfFinishingMain != nil { ticksOfFinishing += 1 }
        return spread(leaving: 0)
    }

    /// Concludes from the use of the processors what more threads would bring.
    private mutating func take(_ load: Double) {
        let threads = Double(occupied)
        isContended = load >= 0.7 && load < 0.9 * threads && occupied > 1
        // A few at a time: on a busy machine the process may have been kept from the processors just now.
        let few = Self.spreadInTick
        spreadable = load < 0.7 ? few : isContended ? 0 : max(0, min(processors - occupied, few))
    }

    /// Gives the role to another thread. One thread more than the maximum may exist, so that someone always
    /// reads.
    private mutating func moveRole() -> Command {
        let (thread, isNew) = takeThread()
        reader = thread
        threads[thread] = .arriving
        return isNew ? .start(thread, .read) : .assign(thread, .read)
    }

    /// Spreads calls over other threads.
    private mutating func spread(leaving count: Int) -> [Command] {
        guard maximumRunning > 1 else { return [] }
        var commands: [Command] = []
        while queue.count > count, commands.count < spreadable,
            let call = takeNext(leavingOneOf: sessionOfFinishingMain)
        {
            let (thread, isNew) = takeThread()
            begin(call, on: thread)
            commands.append(isNew ? .start(thread, .run(call)) : .assign(thread, .run(call)))
        }
        return commands
    }

    /// The system gave no thread for a `start` command: what it was to do goes back.
    mutating func couldNotStart(_ thread: ThreadID, _ assignment: Assignment) -> [Command] {
        let execution = threads[thread].stack?.innermost
        threads[thread] = .ended
        switch assignment {
        case .read:
            if let idle = idleThread {
                reader = idle
                threads[idle] = .arriving
                return [.assign(idle, .read)]
            }
            // The thread that runs the longest call reads on when it is done with it.
            reader =
                threads.indices.filter { threads[$0].stack != nil }
                .min { sequence(of: $0) < sequence(of: $1) } ?? Self.main
        case .run(let call):
            occupied -= 1
            if let execution { noteEndForExclusive(execution, on: thread) }
            if let idle = idleThread {
                begin(call, on: idle)
                return [.assign(idle, .run(call))]
            }
            queue.prepend(call)
        case .stop:
            break
        }
        return []
    }

    /// Whether the monitor must be woken; it is then taken to be ticking.
    mutating func monitorMustWake() -> Bool {
        guard monitorIsParked else { return false }
        guard threads[reader].stack != nil || !queue.isEmpty else { return false }
        monitorIsParked = false
        quietTicks = 0
        return true
    }

    // MARK: What may begin

    private func mayRun(_ thread: ThreadID) -> Bool { thread == Self.main || maximumRunning > 1 }

    /// The session whose call the main thread has answered while another one reads: a client that calls again at
    /// once is served by the main thread.
    private var sessionOfFinishingMain: UInt64? {
        guard reader != Self.main, case .finishing(let stack) = threads[Self.main],
            ticksOfFinishing < Self.maximumTicksOfFinishing
        else { return nil }
        return stack.innermost.call.sessionID
    }

    /// - Parameter session: one call of this session is not taken.
    private mutating func takeNext(leavingOneOf session: UInt64? = nil) -> Call? {
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

    private mutating func execution(of call: Call) -> Execution {
        lastSequence += 1
        return Execution(sequence: lastSequence, call: call)
    }

    private func sequence(of thread: ThreadID) -> UInt64 {
        threads[thread].stack?.innermost.sequence ?? .max
    }

    // MARK: Threads

    /// An idle thread, the main one first.
    private var idleThread: ThreadID? {
        threads.firstIndex { if case .idle = $0 { true } else { false } }
    }

    /// An idle thread, or the number of a new one.
    private mutating func takeThread() -> (ThreadID, isNew: Bool) {
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
