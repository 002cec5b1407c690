import ProxyTransport
import ProxyWire

/// The calls that are being performed, each with its thread.
struct RunningCalls<Thread: Sendable>: Sendable {
    struct Entry: Sendable {
        let work: Work
        let thread: Thread
        /// On the clock of `AdaptiveSpin.now`, in nanoseconds.
        let start: UInt64

        var key: CallKey { work.key }
    }

    private struct State {
        var entries: [CallKey: Entry] = [:]
        /// Calls that a thread has been given, but that it has not begun.
        var cancelledEarly: Set<CallKey> = []
    }

    private let state = ConditionMutex(State())

    var all: [Entry] { state.withLock { Array($0.entries.values) } }

    /// The call that runs, if there is just one.
    var only: CallKey? { state.withLock { $0.entries.count == 1 ? $0.entries.first?.key : nil } }

    /// - Returns: false if the call has been cancelled meanwhile.
    func begin(_ work: Work, on thread: Thread) -> Bool {
        let key = work.key
        return state.withLock { state in
            if !state.cancelledEarly.isEmpty, state.cancelledEarly.remove(key) != nil {
                return false
            }
            state.entries[key] = Entry(
                work: work, thread: thread, start: AdaptiveSpin.now)
            return true
        }
    }

    func end(_ key: CallKey) {
        state.signal { _ = $0.entries.removeValue(forKey: key) }
    }

    /// The call, if it has begun; otherwise it will not begin.
    func cancel(_ key: CallKey) -> Entry? {
        state.withLock { state in
            if let entry = state.entries[key] { return entry }
            state.cancelledEarly.insert(key)
            return nil
        }
    }

    func contains(_ key: CallKey) -> Bool { state.withLock { $0.entries[key] != nil } }

    func forgetSession(_ id: UInt64) {
        state.withLock { state in
            state.cancelledEarly = state.cancelledEarly.filter { $0.session != id }
        }
    }

    /// Blocks until the call has ended, for `milliseconds` at most.
    ///
    /// - Returns: whether it has.
    func waitForEnd(of key: CallKey, milliseconds: Int) -> Bool {
        state.wait(milliseconds: milliseconds) { $0.entries[key] == nil ? true : nil } == true
    }
}
