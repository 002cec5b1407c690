import DequeModule

/// Who reads and who runs: the rules of dispatch, as a state machine without threads.
///
/// Exactly one thread holds the *reading role*: it waits for requests of all clients and runs them
/// itself, so that a short call needs no change of threads. When one of its calls takes longer than a
/// tick of the monitor, the role moves to another thread, and the requests that arrive meanwhile run
/// there. The main thread has precedence: it gets the role back with the first call that arrives after
/// it has become free, because signals and GUI toolkits work only there.
///
/// One item at a time may be *exclusive*: it runs when nothing else does, and calls that arrive meanwhile
/// wait for it. They do not wait for ever for calls that run long: when their patience is over they begin
/// all the same, and the exclusive item waits until those that held it up have ended.
struct DispatchState<Call> {
    typealias ThreadID = Int
    static var main: ThreadID { 0 }

    /// What a thread does next.
    enum Step {
        /// Holds the role: wait for requests, then ask again.
        case read
        case run(Call)
        /// Has given the role to the main thread, which must be told to read. Wait for an assignment.
        case handOverToMain
        /// Wait for an assignment.
        case wait
        case stop
    }

    /// What the monitor must make happen.
    enum Command {
        /// Tell a waiting thread.
        case assign(ThreadID, Assignment)
        /// Start a thread.
        case start(ThreadID, Assignment)
    }

    enum Assignment {
        case read
        case run(Call)
        case stop
    }

    private struct Running {
        let sequence: UInt64
        let call: Call
    }

    private var pending: Deque<Call> = []
    private var running: [ThreadID: Running] = [:]
    private var reader: ThreadID = Self.main
    private var mainIsIdle = false
    /// The main thread has answered its call and will be free in a moment: for so many ticks more, the next
    /// call is left to it.
    private var mainIsFinishing = 0
    /// The reader has left a call to the main thread, and reads on.
    private var isLeftToMain = false
    private var idleWorkers: [ThreadID] = []
    private var workerCount = 0
    private var exclusive: Call?
    private var exclusiveThread: ThreadID?
    /// An exclusive item is about to come.
    private var isExpectingExclusive = false
    /// The reader has left calls waiting for the exclusive item, and does not ask again by itself.
    private var hasHeldBack = false
    /// For so many ticks calls have waited for the exclusive item.
    private var ticksOfPatience = 0
    /// The calls, by sequence, that run since before patience was over.
    private var obstacles: Set<UInt64> = []
    private let maximumRunning: Int
    private let maximumPatience: Int
    private var lastSequence: UInt64 = 0
    private var sequenceAtLastTick: UInt64 = 0
    private var quietTicks = 0
    private(set) var monitorIsParked = true
    private(set) var isStopping = false
    /// No more calls come; when the last one has ended, the server does.
    private(set) var isDraining = false

    /// The monitor stops ticking after this many ticks in which the reader ran nothing.
    private static var ticksBeforeParking: Int { 200 }
    /// Freeing what a call has used takes longer than this only if it is very much.
    private static var ticksForFinishing: Int { 500 }

    /// - Parameter maximumPatience: for so many ticks calls wait for an exclusive item that others hold up.
    init(maximumRunning: Int, maximumPatience: Int = 5000) {
        self.maximumRunning = maximumRunning
        self.maximumPatience = maximumPatience
    }

    var runningCalls: [Call] { running.values.map(\.call) }
    /// Whether the last call has ended of those that the server wanted to see through.
    var isDrained: Bool { isDraining && !isStopping && pending.isEmpty && running.isEmpty }

    mutating func drain() { isDraining = true }

    // MARK: The exclusive item

    /// Whether calls wait for the exclusive item.
    private var isClosed: Bool {
        exclusiveThread != nil
            || (exclusive != nil || isExpectingExclusive) && obstacles.isEmpty
    }

    /// No more calls begin, because an exclusive item is about to come.
    mutating func expectExclusive() { isExpectingExclusive = true }

    /// Runs an item by itself, as soon as nothing else runs; in the place of one that has not begun.
    mutating func runExclusively(_ call: Call) {
        isExpectingExclusive = false
        exclusive = call
    }

    private mutating func takeExclusive(for thread: ThreadID) -> Call? {
        guard running.isEmpty, let call = exclusive else { return nil }
        exclusive = nil
        exclusiveThread = thread
        obstacles = []
        ticksOfPatience = 0
        return call
    }

    private mutating func ended(_ thread: ThreadID) {
        guard let ended = running.removeValue(forKey: thread) else { return }
        if exclusiveThread == thread { exclusiveThread = nil }
        if obstacles.remove(ended.sequence) != nil, obstacles.isEmpty { ticksOfPatience = 0 }
    }

    /// A tick has passed in which calls have waited.
    private mutating func losePatience() {
        guard exclusive != nil, obstacles.isEmpty, exclusiveThread == nil else { return }
        ticksOfPatience += 1
        if ticksOfPatience > maximumPatience { obstacles = Set(running.values.map(\.sequence)) }
    }

    // MARK: Events of the reading thread

    mutating func arrived(_ calls: [Call]) {
        pending.append(contentsOf: calls)
    }

    /// Takes away the requests that have not begun and meet a condition.
    mutating func withdraw(where condition: (Call) -> Bool) -> [Call] {
        let withdrawn = Array(pending.filter(condition))
        if !withdrawn.isEmpty { pending.removeAll(where: condition) }
        return withdrawn
    }

    /// The thread that holds the role asks what to do.
    mutating func next(for thread: ThreadID) -> Step {
        if isStopping { return .stop }
        let isTurnOfExclusive = exclusive != nil && running.isEmpty
        if !isTurnOfExclusive, pending.isEmpty || isClosed {
            hasHeldBack = !pending.isEmpty
            return .read
        }
        if thread != Self.main, mainIsIdle {
            mainIsIdle = false
            reader = Self.main
            idleWorkers.append(thread)
            return .handOverToMain
        }
        if let call = takeExclusive(for: thread) {
            begin(call, on: thread)
            return .run(call)
        }
        // Who calls again at once, having got an answer, is still served by the main thread, while this one
        // goes on reading.
        if thread != Self.main, mainIsFinishing > 0 {
            isLeftToMain = true
            return .read
        }
        guard running.count < maximumRunning, let call = pending.popFirst() else { return .read }
        begin(call, on: thread)
        return .run(call)
    }

    /// A thread sends the answer of its call; it has a little more to do before it has finished.
    mutating func answers(_ thread: ThreadID) {
        if thread == Self.main { mainIsFinishing = Self.ticksForFinishing }
    }

    // MARK: Events of any thread

    /// A thread has finished a call.
    mutating func finished(_ thread: ThreadID) -> Step {
        ended(thread)
        if thread == Self.main { mainIsFinishing = 0 }
        if reader == thread { return next(for: thread) }
        if isStopping { return .stop }
        if let call = takeExclusive(for: thread) ?? (isClosed ? nil : pending.popFirst()) {
            begin(call, on: thread)
            return .run(call)
        }
        if thread == Self.main {
            mainIsIdle = true
        } else {
            idleWorkers.append(thread)
        }
        return .wait
    }

    /// The server ends. Returns the threads that wait for an assignment.
    mutating func stop() -> [ThreadID] {
        isStopping = true
        let waiting = idleWorkers + (mainIsIdle ? [Self.main] : [])
        idleWorkers = []
        mainIsIdle = false
        return waiting
    }

    // MARK: Events of the monitor

    /// A tick has passed. If the reader has been running one call for the whole of it, someone else
    /// reads from now on, and what has arrived behind that call is spread over other threads.
    mutating func tick() -> [Command] {
        if pending.isEmpty { isLeftToMain = false } else if isClosed { losePatience() }
        if isLeftToMain, !isStopping {
            // One call is left to the main thread, for a while; others take the rest.
            quietTicks = 0
            mainIsFinishing = max(mainIsFinishing - 1, 0)
            return spread(leaving: mainIsFinishing > 0 ? 1 : 0)
        }
        guard let current = running[reader], !isStopping else {
            if hasHeldBack, !isStopping, !pending.isEmpty {
                quietTicks = 0
                return spread(leaving: 0)
            }
            quietTicks += 1
            monitorIsParked = quietTicks >= Self.ticksBeforeParking || isStopping
            return []
        }
        quietTicks = 0
        guard current.sequence == sequenceAtLastTick else {
            sequenceAtLastTick = current.sequence
            return []
        }
        var commands = spread(leaving: 1)
        // One thread more than the maximum may exist, so that someone always reads.
        commands.append(
            wake { (state, thread) in
                state.reader = thread
                return .read
            })
        return commands
    }

    /// Spreads calls over other threads.
    private mutating func spread(leaving count: Int) -> [Command] {
        var commands: [Command] = []
        while !isClosed, pending.count > count, running.count < maximumRunning,
            let call = pending.popFirst()
        {
            commands.append(
                wake { (state, thread) in
                    state.begin(call, on: thread)
                    return .run(call)
                })
        }
        return commands
    }

    /// The system gave no thread for a `start` command: what it was to do goes back.
    ///
    /// - Returns: what to tell a thread that has become idle meanwhile.
    mutating func couldNotStart(_ thread: ThreadID, _ assignment: Assignment) -> Command? {
        switch assignment {
        case .read:
            if let idle = takeIdleThread() {
                reader = idle
                return .assign(idle, .read)
            }
            // The thread that runs the longest call reads on when it is done with it.
            let busiest = running.min { $0.value.sequence < $1.value.sequence }
            reader = busiest?.key ?? Self.main
        case .run(let call):
            ended(thread)
            if let idle = takeIdleThread() {
                begin(call, on: idle)
                return .assign(idle, .run(call))
            }
            pending.prepend(call)
        case .stop:
            break
        }
        return nil
    }

    /// Whether the monitor must be woken; it is then taken to be ticking.
    mutating func monitorMustWake() -> Bool {
        guard monitorIsParked else { return false }
        guard running[reader] != nil || (isLeftToMain || hasHeldBack) && !pending.isEmpty else {
            return false
        }
        monitorIsParked = false
        quietTicks = 0
        return true
    }

    private mutating func begin(_ call: Call, on thread: ThreadID) {
        lastSequence += 1
        running[thread] = Running(sequence: lastSequence, call: call)
    }

    private mutating func takeIdleThread() -> ThreadID? {
        guard mainIsIdle else { return idleWorkers.popLast() }
        mainIsIdle = false
        return Self.main
    }

    /// Gives an idle thread, or a new one, something to do.
    private mutating func wake(
        _ assignment: (inout Self, ThreadID) -> Assignment
    ) -> Command {
        if let idle = takeIdleThread() { return .assign(idle, assignment(&self, idle)) }
        workerCount += 1
        let worker = workerCount
        return .start(worker, assignment(&self, worker))
    }
}

extension DispatchState.Assignment: Sendable where Call: Sendable {}
extension DispatchState.Command: Sendable where Call: Sendable {}
