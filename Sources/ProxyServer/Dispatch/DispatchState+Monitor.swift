/// Events of the monitor.
extension DispatchState {
    /// The monitor stops ticking after this many ticks in which the reader ran nothing.
    private static var ticksBeforeParking: Int { 200 }
    /// No more calls than this are spread at a tick.
    static var spreadInTick: Int { 8 }
    /// So many calls in a tick are short ones.
    private static var manyCalls: UInt64 { 20 }

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
        guard !queue.isIdle else {
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
    mutating func moveRole() -> Command {
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
        guard threads[reader].stack != nil || !queue.isIdle else { return false }
        monitorIsParked = false
        quietTicks = 0
        return true
    }
}
