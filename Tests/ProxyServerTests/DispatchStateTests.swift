import Testing

@testable import ProxyServer

/// The rules of dispatch, played through without threads. Calls are numbers, thread 0 is the main one.
struct DispatchStateTests {
    private func state(
        maximumRunning: Int = 64, maximumPatience: Int = 5000
    ) -> DispatchState<Int> {
        DispatchState(maximumRunning: maximumRunning, maximumPatience: maximumPatience)
    }

    private func name(_ step: DispatchState<Int>.Step) -> String {
        switch step {
        case .read: "read"
        case .run(let call): "run \(call)"
        case .handOverToMain: "hand over"
        case .wait: "wait"
        case .stop: "stop"
        }
    }

    private func names(_ commands: [DispatchState<Int>.Command]) -> [String] {
        func name(_ assignment: DispatchState<Int>.Assignment) -> String {
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
            }
        }
    }

    @Test func sequentialCallsStayOnTheMainThread() {
        var state = state()
        for call in 1...3 {
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
        #expect(name(state.next(for: 1)) == "hand over")
        #expect(name(state.next(for: 0)) == "run 2")
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
        #expect(name(state.next(for: 3)) == "run 4")
    }

    @Test func noMoreCallsRunThanAllowedButSomeoneAlwaysReads() {
        var state = state(maximumRunning: 2)
        state.arrived([1, 2, 3])
        _ = state.next(for: 0)
        _ = state.tick()
        #expect(names(state.tick()) == ["start 1 to run 2", "start 2 to read"])
        #expect(name(state.next(for: 2)) == "read")
        #expect(name(state.finished(1)) == "run 3")
    }

    @Test func aCallThatHasNotBegunCanBeWithdrawn() {
        var state = state()
        state.arrived([1, 2, 3])
        _ = state.next(for: 0)
        let waiting = state.withdraw { $0 == 2 }
        let running = state.withdraw { $0 == 1 }
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
        #expect(name(state.next(for: 1)) == "read")
        #expect(names(state.tick()) == ["start 2 to run 2"])
        state.arrived([4, 5])
        #expect(name(state.next(for: 1)) == "read")
        #expect(name(state.finished(0)) == "run 3")
        // It may run for ever: what came after it is not left to it.
        #expect(names(state.tick()) == ["start 3 to run 4", "start 4 to run 5"])
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
        let waiting = state.stop()
        #expect(waiting == [])
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
        let waiting = state.stop()
        #expect(waiting == [0])
    }

    @Test func aThreadThatCannotBeStartedLosesNothing() {
        var state = state()
        state.arrived([1, 2, 3])
        _ = state.next(for: 0)
        _ = state.tick()
        for command in state.tick() {
            if case .start(let thread, let assignment) = command {
                let command = state.couldNotStart(thread, assignment)
                #expect(names([command].compactMap { $0 }) == [])
            }
        }
        #expect(name(state.finished(0)) == "run 2")
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
        let command = state.couldNotStart(thread, assignment)
        #expect(names([command].compactMap { $0 }) == ["tell 0 to read"])
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
        state.runExclusively(99)
        state.arrived([1])
        #expect(name(state.next(for: 0)) == "run 99")
        #expect(name(state.finished(0)) == "run 1")
    }

    @Test func callsWaitForAnExclusiveItemThatIsAboutToCome() {
        var state = state()
        state.expectExclusive()
        state.arrived([1])
        #expect(name(state.next(for: 0)) == "read")
        state.runExclusively(99)
        #expect(name(state.next(for: 0)) == "run 99")
        #expect(name(state.finished(0)) == "run 1")
    }

    @Test func anExclusiveItemWaitsForTheCallsThatRun() {
        var state = state()
        state.arrived([1])
        _ = state.next(for: 0)
        _ = state.tick()
        _ = state.tick()
        state.runExclusively(99)
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
        state.runExclusively(99)
        #expect(name(state.next(for: 1)) == "hand over")
        #expect(name(state.next(for: 0)) == "run 99")
    }

    @Test func callsThatWaitedForALongExclusiveItemAreSpread() {
        var state = state()
        state.runExclusively(99)
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
        state.runExclusively(99)
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
        #expect(name(state.finished(2)) == "run 99")
        #expect(name(state.finished(2)) == "run 4")
    }
}
