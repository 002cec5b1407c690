import Testing

@testable import ProxyServer

/// The rules of dispatch, played through without threads. Calls are numbers, thread 0 is the main one.
struct DispatchStateTests {
    /// A call of a session.
    struct TestCall: SessionBound, ExpressibleByIntegerLiteral, Equatable, CustomStringConvertible {
        let number: Int
        var sessionID: UInt64 = 0

        init(integerLiteral number: Int) { self.number = number }

        init(_ number: Int, of session: UInt64) {
            self.number = number
            sessionID = session
        }

        var description: String { "\(number)" }
    }

    private typealias State = DispatchState<TestCall>

    private func state(maximumRunning: Int = 64, maximumPatience: Int = 5000) -> State {
        State(maximumRunning: maximumRunning, maximumPatience: maximumPatience)
    }

    /// The step, and after it what others are told.
    private func name(_ outcome: State.Outcome) -> String {
        let step =
            switch outcome.step {
            case .read: "read"
            case .glance: "glance"
            case .run(let call): "run \(call)"
            case .wait: "wait"
            case .stop: "stop"
            }
        return ([step] + names(outcome.commands)).joined(separator: ", ")
    }

    private func names(_ commands: [State.Command]) -> [String] {
        func name(_ assignment: State.Assignment) -> String {
            switch assignment {
            case .read: "read"
            case .run(let call): "run \(call)"
            case .stop: "stop"
            }
        }
        return commands.map { command in
            switch command {
            case .assign(let thread, let assignment): "tell \(thread) to \(name(assignment))"
            case .start(let thread, let assignment): "start \(thread) to \(name(assignment))"
            case .wakeReader: "wake the reader"
            }
        }
    }

    /// The macro for expectations cannot hold what changes a variable.
    private func exclusive(_ state: inout State, _ call: TestCall) -> [String] {
        names(state.runExclusively(call))
    }

    @Test func sequentialCallsStayOnTheMainThread() {
        var state = state()
        for call in [1, 2, 3] as [TestCall] {
            state.arrived([call])
            #expect(name(state.next(for: 0)) == "run \(call)")
            #expect(names(state.tick()) == [])
            #expect(name(state.finished(0)) == "read")
        }
    }

    @Test func aCallThatOutlastsATickGivesTheReadingToAnotherThread() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        #expect(names(state.tick()) == [])
        #expect(names(state.tick()) == ["start 1 to read"])
        #expect(name(state.next(for: 1)) == "read")
        #expect(names(state.tick()) == [])
    }

    @Test func theMainThreadGetsTheReadingBackWithTheNextCall() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        #expect(name(state.finished(0)) == "wait")
        #expect(name(state.next(for: 1)) == "read")
        state.arrived([2])
        #expect(name(state.next(for: 1)) == "wait, tell 0 to run 2")
        // The tick does not give it to anyone else meanwhile.
        #expect(names(state.tick()) == [])
        #expect(name(state.finished(0)) == "read")
    }

    @Test func callsThatArriveDuringALongCallRunElsewhere() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        state.arrived([2])
        #expect(name(state.next(for: 1)) == "run 2")
        #expect(name(state.finished(1)) == "read")
    }

    @Test func callsBehindALongOneAreSpreadOverThreads() {
        var state = state()
        state.arrived([1, 2, 3, 4])
        _ = state.next(for: 0)
        _ = state.tick()
        #expect(
            names(state.tick()) == ["start 1 to run 2", "start 2 to run 3", "start 3 to read"])
        #expect(name(state.next(for: 3)) == "glance")
        #expect(name(state.next(for: 3)) == "run 4")
    }

    @Test func noMoreCallsRunThanAllowedButSomeoneAlwaysReads() {
        var state = state(maximumRunning: 2)
        state.arrived([1, 2, 3])
        _ = state.next(for: 0)
        _ = state.tick()
        #expect(names(state.tick()) == ["start 1 to run 2", "start 2 to read"])
        #expect(name(state.next(for: 2)) == "glance")
        #expect(name(state.next(for: 2)) == "read")
        #expect(name(state.finished(1)) == "run 3")
    }

    @Test func aCallThatHasNotBegunCanBeWithdrawn() {
        var state = state()
        state.arrived([1, 2, 3])
        _ = state.next(for: 0)
        let waiting = state.withdraw { $0.number == 2 }
        let running = state.withdraw { $0.number == 1 }
        #expect(waiting == [2])
        #expect(running == [])
        #expect(name(state.finished(0)) == "run 3")
    }

    @Test func whoCallsAgainAtOnceIsServedByTheMainThread() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        // The call takes longer than a tick: a worker reads.
        _ = state.tick()
        #expect(names(state.tick()) == ["start 1 to read"])
        // The answer is on its way, and the next call comes before the main thread is quite done.
        state.answers(0)
        state.arrived([2])
        #expect(name(state.next(for: 1)) == "read")
        // Not even if the main thread is held up for a moment.
        for _ in 0..<100 { #expect(names(state.tick()) == []) }
        #expect(name(state.finished(0)) == "run 2")
    }

    @Test func aMainThreadThatIsAboutToFinishKeepsTheNextCallButNotTheReading() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        state.answers(0)
        #expect(names(state.tick()) == ["start 1 to read"])
        state.arrived([2])
        #expect(name(state.next(for: 1)) == "read")
        #expect(name(state.finished(0)) == "run 2")
    }

    @Test func onlyOneCallIsLeftToTheMainThread() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        state.answers(0)
        state.arrived([2, 3])
        #expect(name(state.next(for: 1)) == "run 2")
        #expect(name(state.finished(0)) == "run 3")
    }

    @Test func callsOfOtherClientsAreNotLeftToTheMainThread() {
        var state = state()
        state.arrived([TestCall(1, of: 1)])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        // The main thread frees what the call of session 1 has used, for long.
        state.answers(0)
        state.arrived([TestCall(2, of: 1), TestCall(3, of: 2)])
        #expect(name(state.next(for: 1)) == "run 3")
        #expect(name(state.finished(1)) == "read")
        #expect(name(state.finished(0)) == "run 2")
    }

    @Test func aMainThreadThatDoesNotFinishIsNotWaitedForLong() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        state.answers(0)
        state.arrived([2])
        #expect(name(state.next(for: 1)) == "read")
        for _ in 0..<499 { #expect(names(state.tick()) == []) }
        #expect(names(state.tick()) == ["start 2 to run 2"])
    }

    @Test func stoppingLetsNothingBegin() {
        var state = state()
        state.arrived([1, 2])
        _ = state.next(for: 0)
        #expect(names(state.stop()) == ["wake the reader"])
        #expect(name(state.finished(0)) == "stop")
        #expect(names(state.tick()) == [])
    }

    @Test func stoppingWakesTheIdleThreads() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        _ = state.finished(0)
        #expect(names(state.stop()) == ["wake the reader", "tell 0 to stop"])
    }

    @Test func aThreadThatCannotBeStartedLosesNothing() {
        var state = state()
        state.arrived([1, 2, 3])
        _ = state.next(for: 0)
        _ = state.tick()
        for command in state.tick() {
            if case .start(let thread, let assignment) = command {
                #expect(names(state.couldNotStart(thread, assignment)) == [])
            }
        }
        #expect(name(state.finished(0)) == "glance")
        #expect(name(state.next(for: 0)) == "run 2")
        #expect(name(state.finished(0)) == "run 3")
        #expect(name(state.finished(0)) == "read")
    }

    @Test func aThreadThatCannotBeStartedIsReplacedByOneThatHasBecomeIdle() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        let commands = state.tick()
        // The long call ends before the system refuses the thread: the main thread waits by then.
        _ = state.finished(0)
        guard case .start(let thread, let assignment) = commands.last else {
            Issue.record("no thread was to be started")
            return
        }
        #expect(names(state.couldNotStart(thread, assignment)) == ["tell 0 to read"])
    }

    @Test func theMonitorSleepsWhenNothingRunsAndWakesWithTheNextCall() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        let wakings = [state.monitorMustWake(), state.monitorMustWake()]
        #expect(wakings == [true, false])
        _ = state.finished(0)
        for _ in 0..<300 { _ = state.tick() }
        #expect(state.monitorIsParked)
        state.arrived([2])
        _ = state.next(for: 0)
        let mustWake = state.monitorMustWake()
        #expect(mustWake)
    }

    // MARK: Exclusive items, here 99

    @Test func anExclusiveItemRunsBeforeCallsThatArriveWithIt() {
        var state = state()
        _ = state.runExclusively(99)
        state.arrived([1])
        #expect(name(state.next(for: 0)) == "run 99")
        #expect(name(state.finished(0)) == "run 1")
    }

    @Test func callsWaitForAnExclusiveItemThatIsAboutToCome() {
        var state = state()
        state.expectExclusive()
        state.arrived([1])
        #expect(name(state.next(for: 0)) == "read")
        _ = state.runExclusively(99)
        #expect(name(state.next(for: 0)) == "run 99")
        #expect(name(state.finished(0)) == "run 1")
    }

    @Test func anExclusiveItemWaitsForTheCallsThatRun() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        _ = state.runExclusively(99)
        state.arrived([2])
        #expect(name(state.next(for: 1)) == "read")
        // Whoever ends last runs it.
        #expect(name(state.finished(0)) == "run 99")
        #expect(names(state.tick()) == [])
        #expect(name(state.next(for: 1)) == "read")
        #expect(name(state.finished(0)) == "run 2")
    }

    @Test func anIdleMainThreadRunsTheExclusiveItem() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        _ = state.finished(0)
        #expect(exclusive(&state, 99) == ["tell 0 to run 99"])
        #expect(name(state.next(for: 1)) == "read")
    }

    @Test func aMainThreadThatReadsIsWokenForTheExclusiveItem() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        #expect(names(state.tick()) == ["start 1 to read"])
        state.arrived([2])
        #expect(name(state.next(for: 1)) == "run 2")
        #expect(name(state.finished(0)) == "wait")
        _ = state.tick()
        #expect(names(state.tick()) == ["tell 0 to read"])
        #expect(name(state.next(for: 0)) == "read")
        #expect(exclusive(&state, 99) == [])
        #expect(name(state.finished(1)) == "wait, wake the reader")
        #expect(name(state.next(for: 0)) == "run 99")
    }

    @Test func callsThatWaitedForALongExclusiveItemAreSpread() {
        var state = state()
        _ = state.runExclusively(99)
        _ = state.next(for: 0)
        _ = state.tick()
        #expect(names(state.tick()) == ["start 1 to read"])
        state.arrived([1, 2, 3])
        #expect(name(state.next(for: 1)) == "read")
        #expect(names(state.tick()) == [])
        #expect(name(state.finished(0)) == "run 1")
        #expect(names(state.tick()) == ["start 2 to run 2", "start 3 to run 3"])
    }

    @Test func callsDoNotWaitForEverForAnExclusiveItemThatALongCallHoldsUp() {
        var state = state(maximumPatience: 3)
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        _ = state.runExclusively(99)
        state.arrived([2])
        #expect(name(state.next(for: 1)) == "read")
        for _ in 0..<3 { #expect(names(state.tick()) == []) }
        #expect(names(state.tick()) == ["start 2 to run 2"])
        // Those that come now do not wait at all, until the long call has ended.
        state.arrived([3])
        #expect(name(state.next(for: 1)) == "run 3")
        #expect(name(state.finished(1)) == "read")
        #expect(name(state.finished(0)) == "wait")
        state.arrived([4])
        #expect(name(state.next(for: 1)) == "read")
        #expect(name(state.finished(2)) == "wait, tell 0 to run 99")
        #expect(name(state.finished(0)) == "run 4")
    }

    @Test func callsWaitForAnExclusiveItemThatIsExpectedBehindAnother() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.runExclusively(98)
        state.expectExclusive()
        state.arrived([2])
        #expect(name(state.finished(0)) == "run 98")
        #expect(name(state.finished(0)) == "read")
        #expect(exclusive(&state, 99) == ["wake the reader"])
        #expect(name(state.next(for: 0)) == "run 99")
        #expect(name(state.finished(0)) == "run 2")
    }

    // MARK: Bursts

    @Test func theReaderGlancesOnceInATickWhileCallsWait() {
        var state = state()
        state.arrived([1, 2, 3, 4])
        #expect(name(state.next(for: 0)) == "run 1")
        #expect(names(state.tick()) == [])
        #expect(name(state.finished(0)) == "glance")
        #expect(name(state.next(for: 0)) == "run 2")
        #expect(name(state.finished(0)) == "run 3")
        #expect(names(state.tick()) == [])
        #expect(name(state.finished(0)) == "glance")
        state.arrived([TestCall(5, of: 2)])
        // The other session has had no turn.
        #expect(name(state.next(for: 0)) == "run 5")
        #expect(name(state.finished(0)) == "run 4")
        #expect(names(state.tick()) == [])
        #expect(name(state.finished(0)) == "read")
    }

    @Test func callsThatComputeAreNotSpreadBeyondTheProcessors() {
        var state = state()
        state.arrived([1, 2, 3, 4, 5])
        _ = state.next(for: 0)
        _ = state.tick(load: 1)
        #expect(names(state.tick(load: 1)) == ["start 1 to run 2", "start 2 to read"])
        #expect(name(state.next(for: 2)) == "glance")
        #expect(name(state.next(for: 2)) == "run 3")
        // Three threads get the time of one: they wait for each other, and who is done rests.
        #expect(names(state.tick(load: 1)) == [])
        #expect(name(state.finished(1)) == "wait")
        #expect(name(state.finished(2)) == "glance")
        #expect(name(state.next(for: 2)) == "run 4")
    }

    @Test func callsThatWaitAreSpreadAtOnce() {
        var state = state()
        state.arrived([1, 2, 3, 4, 5])
        _ = state.next(for: 0)
        _ = state.tick(load: 0.1)
        #expect(state.tick(load: 0.1).count == 4)
    }

    @Test func aSessionWithoutARunningCallDoesNotWaitForThoseOfOthers() {
        var state = state(maximumRunning: 2)
        state.arrived([TestCall(1, of: 1), TestCall(2, of: 1), TestCall(3, of: 1)])
        _ = state.next(for: 0)
        _ = state.tick()
        #expect(names(state.tick()) == ["start 1 to run 2", "start 2 to read"])
        #expect(name(state.next(for: 2)) == "glance")
        #expect(name(state.next(for: 2)) == "read")
        state.arrived([TestCall(4, of: 2), TestCall(5, of: 2)])
        #expect(name(state.next(for: 2)) == "run 4")
        #expect(name(state.finished(2)) == "run 5")
        #expect(name(state.finished(2)) == "read")
    }

    @Test func withAMaximumOfOneEveryCallRunsOnTheMainThread() {
        var state = state(maximumRunning: 1)
        state.arrived([TestCall(1, of: 1), TestCall(2, of: 2)])
        #expect(name(state.next(for: 0)) == "run 1")
        _ = state.tick()
        #expect(names(state.tick()) == ["start 1 to read"])
        #expect(name(state.next(for: 1)) == "glance")
        #expect(name(state.next(for: 1)) == "read")
        state.arrived([TestCall(3, of: 3)])
        #expect(name(state.next(for: 1)) == "read")
        #expect(name(state.finished(0)) == "run 2")
        #expect(name(state.finished(0)) == "run 3")
        #expect(name(state.finished(0)) == "wait")
        state.arrived([TestCall(4, of: 1)])
        #expect(name(state.next(for: 1)) == "wait, tell 0 to run 4")
    }

    @Test func callsOfAPausedSessionWaitUntilItIsResumed() {
        var state = state()
        state.pause(1)
        state.arrived([TestCall(1, of: 1), TestCall(2, of: 2)])
        #expect(name(state.next(for: 0)) == "run 2")
        #expect(name(state.finished(0)) == "read")
        state.resume(1)
        #expect(name(state.next(for: 0)) == "run 1")
    }

    @Test func aServerThatDrainsDoesNotWaitForThoseWhoDoNotRead() {
        var state = state()
        state.pause(1)
        state.arrived([TestCall(1, of: 1), TestCall(2, of: 2)])
        state.drain()
        #expect(!state.isDrained)
        #expect(name(state.next(for: 0)) == "run 2")
        #expect(!state.isDrained)
        #expect(name(state.finished(0)) == "read")
        #expect(state.isDrained)
    }

    // MARK: Chains, and calls without a thread

    @Test func aThreadThatWaitsForItsClientRunsCallsOfItsChain() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        // Somebody else reads at once.
        #expect(names(state.blocks(0)) == ["start 1 to read"])
        #expect(name(state.next(for: 1)) == "read")
        #expect(names(state.invoked(2, on: 0)) == ["tell 0 to run 2"])
        #expect(state.runningCalls.map(\.number).sorted() == [1, 2])
        #expect(name(state.finished(0)) == "wait")
        state.unblocked(0)
        #expect(name(state.finished(0)) == "wait")
        #expect(state.runningCalls.isEmpty)
    }

    @Test func aCallThatDetachesFreesItsThreadAndHoldsUpTheExclusiveItem() throws {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        let detached = state.detaches(0)
        let (outcome, sequence) = try #require(detached)
        #expect(name(outcome) == "read")
        #expect(exclusive(&state, 99) == [])
        #expect(name(state.next(for: 0)) == "read")
        #expect(names(state.endedDetached(sequence)) == ["wake the reader"])
        #expect(name(state.next(for: 0)) == "run 99")
    }
}
