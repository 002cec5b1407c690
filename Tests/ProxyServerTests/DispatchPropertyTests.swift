import Testing

@testable import ProxyServer

/// Random runs of dispatch: no call is lost or run twice, whatever happens in whichever order.
struct DispatchPropertyTests {
    private struct TestCall: SessionBound {
        let number: Int
        let sessionID: UInt64
        var isExclusive = false
    }

    private typealias State = DispatchState<TestCall>

    /// Threads that do what the state machine tells them.
    private struct Simulation {
        var state: State
        var generator: any RandomNumberGenerator
        let maximumRunning: Int
        /// What each thread does: nil waits for an assignment.
        var steps: [Int: State.Step] = [0: .read]
        var arrived = 0
        var begun: Set<Int> = []
        var withdrawn: Set<Int> = []
        var hasExclusiveQueued = false

        mutating func carryOut(_ commands: [State.Command]) {
            for command in commands {
                switch command {
                case .wakeReader: break
                case .assign(let thread, let assignment):
                    #expect(steps[thread] == nil, "thread \(thread) was told something while busy")
                    begin(assignment, on: thread)
                case .start(let thread, let assignment):
                    #expect(steps[thread] == nil)
                    if Int.random(in: 0..<20, using: &generator) == 0 {
                        carryOut(state.couldNotStart(thread, assignment))
                    } else {
                        begin(assignment, on: thread)
                    }
                }
            }
        }

        private mutating func begin(_ assignment: State.Assignment, on thread: Int) {
            switch assignment {
            case .read: take(state.next(for: thread), on: thread)
            case .run(let call): take(State.Outcome(step: .run(call)), on: thread)
            case .stop: break
            }
        }

        private mutating func take(_ outcome: State.Outcome, on thread: Int) {
            steps[thread] = outcome.step
            switch outcome.step {
            case .wait: steps[thread] = nil
            case .run(let call):
                if call.isExclusive {
                    #expect(thread == 0, "the exclusive item runs on thread \(thread)")
                    #expect(state.executionCount == 1, "the exclusive item is not alone")
                    hasExclusiveQueued = false
                } else {
                    #expect(begun.insert(call.number).inserted, "call \(call.number) began twice")
                    if maximumRunning == 1 { #expect(thread == 0) }
                }
            case .read, .glance, .stop: break
            }
            carryOut(outcome.commands)
        }

        mutating func step() {
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: carryOut(state.tick(load: Double.random(in: 0...2, using: &generator)))
            case 1, 2:
                if Bool.random(using: &generator) { state.expectExclusive() }
                hasExclusiveQueued = true
                carryOut(
                    state.runExclusively(TestCall(number: -1, sessionID: 0, isExclusive: true)))
            case 3:
                let unlucky = Int.random(in: 0...max(arrived, 1), using: &generator)
                for call in state.withdraw(where: { $0.number == unlucky }) {
                    withdrawn.insert(call.number)
                }
            case 4...7: read(calls: Int.random(in: 0...3, using: &generator))
            default: finishSomething()
            }
            check()
        }

        /// The reader comes back with some calls.
        mutating func read(calls: Int) {
            for (thread, step) in steps {
                switch step {
                case .read, .glance: break
                case .run, .wait, .stop: continue
                }
                for _ in 0..<calls {
                    state.arrived([
                        TestCall(
                            number: arrived, sessionID: .random(in: 1...3, using: &generator))
                    ])
                    arrived += 1
                }
                take(state.next(for: thread), on: thread)
                return
            }
        }

        mutating func finishSomething() {
            let running = steps.filter { if case .run = $0.value { true } else { false } }
            guard let thread = running.keys.sorted().randomElement(using: &generator) else {
                return
            }
            if Bool.random(using: &generator) { state.answers(thread) }
            steps[thread] = .wait
            take(state.finished(thread), on: thread)
        }

        private func check() {
            let readers = steps.values.count {
                switch $0 {
                case .read, .glance: true
                case .run, .wait, .stop: false
                }
            }
            #expect(readers <= 1)
            let running = steps.values.count { if case .run = $0 { true } else { false } }
            #expect(running == state.executionCount)
            // One call beyond the maximum for each session that had none.
            #expect(running <= maximumRunning + (maximumRunning > 1 ? 3 : 0))
            #expect(
                begun.count + withdrawn.count + state.queue.count == arrived, "a call was lost")
        }

        /// Everything ends, and what waits begins.
        mutating func settle() {
            var rounds = 0
            while !state.queue.isEmpty || state.executionCount > 0 || hasExclusiveQueued {
                rounds += 1
                guard rounds < 10_000 else {
                    Issue.record("\(state.queue.count) calls wait for ever")
                    return
                }
                carryOut(state.tick(load: 0))
                finishSomething()
                read(calls: 0)
            }
            #expect(begun.count + withdrawn.count == arrived)
        }
    }

    @Test(arguments: [1, 2, 4, 64])
    func noCallIsLostOrBegunTwice(maximumRunning: Int) {
        for _ in 0..<200 {
            var simulation = Simulation(
                state: State(maximumRunning: maximumRunning, maximumPatience: 5),
                generator: SystemRandomNumberGenerator(), maximumRunning: maximumRunning)
            for _ in 0..<150 { simulation.step() }
            simulation.settle()
        }
    }
}
