import ProxyTransport
import ProxyWire

/// A thread that needs the GIL on behalf of those who must not wait for it: it interrupts calls and looks
/// at the stacks of others.
///
/// An interruption is repeated, less and less often, until the call has taken note of it: a signal may come
/// a moment before the system call that it was to interrupt, an import is let finish first, because a
/// half-imported extension module cannot be imported again, and so is the beginning of a `with` statement.
final class ControlThread: Sendable {
    private struct Interruption {
        let work: Work
        /// On the clock of `AdaptiveSpin.now`, in nanoseconds.
        let start: UInt64
        var next: UInt64
    }

    private struct Errand {
        let perform: @Sendable (any InterpreterThread) -> Void
    }

    private struct State {
        var interruptions: [Interruption] = []
        var errands: [Errand] = []
        /// Something has been added since the thread looked last.
        var isStirred = false
    }

    private let interpreter: any Interpreter
    private let state = ConditionMutex(State())
    private let thread = ThreadOnDemand()

    private static let firstDelay: UInt64 = 20_000_000
    private static let longestDelay: UInt64 = 1_000_000_000

    init(interpreter: any Interpreter) {
        self.interpreter = interpreter
    }

    /// Interrupts what runs, soon.
    func interrupt(_ work: Work) {
        enqueue {
            guard !$0.interruptions.contains(where: { $0.work === work }) else { return }
            let now = AdaptiveSpin.now
            $0.interruptions.append(Interruption(work: work, start: now, next: now))
        }
    }

    /// What Python code each thread is running, the innermost frame first; nil if the GIL cannot be had
    /// in time.
    func stacks(milliseconds: Int) -> [UInt64: [String]]? {
        let result = ConditionMutex<[UInt64: [String]]?>(nil)
        enqueue {
            $0.errands.append(
                Errand { thread in
                    let stacks = thread.stacks()
                    result.signal { $0 = stacks }
                })
        }
        return result.wait(milliseconds: milliseconds) { $0 }
    }

    private func enqueue(_ change: (inout State) -> Void) {
        state.signal { state in
            change(&state)
            state.isStirred = true
        }
        // Without more threads it is done when the next one wants something.
        try? thread.start { [self] in work() }
    }

    private func work() {
        let thread = interpreter.attachCurrentThread()
        while true {
            let errands = waitForWork()
            attempt(from: thread)
            for errand in errands { errand.perform(thread) }
        }
    }

    /// Waits until an errand comes or an attempt is due.
    private func waitForWork() -> [Errand] {
        while true {
            let (errands, next) = state.withLock { state in
                defer {
                    state.errands = []
                    state.isStirred = false
                }
                return (state.errands, state.interruptions.map(\.next).min())
            }
            let now = AdaptiveSpin.now
            if !errands.isEmpty || next.map({ $0 <= now }) == true { return errands }
            if let next {
                let milliseconds = Int((next - now) / 1_000_000) + 1
                _ = state.wait(milliseconds: milliseconds) { $0.isStirred ? () : nil }
            } else {
                state.wait { $0.isStirred ? () : nil }
            }
        }
    }

    private func attempt(from own: any InterpreterThread) {
        let now = AdaptiveSpin.now
        for due in state.withLock({ $0.interruptions }) where due.next <= now {
            let isDone =
                due.work.runningThread.map { own.interrupt(due.work.key, on: $0) } ?? true
            state.withLock { state in
                guard let index = state.interruptions.firstIndex(where: { $0.work === due.work })
                else { return }
                if isDone {
                    state.interruptions.remove(at: index)
                } else {
                    state.interruptions[index].next =
                        now + min(max((now - due.start) / 10, Self.firstDelay), Self.longestDelay)
                }
            }
        }
    }
}
