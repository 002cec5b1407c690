import ProxyTransport

/// Does things later, on one thread that never waits for the GIL.
///
/// The thread starts with the first deadline.
final class Deadlines: Sendable {
    private struct Entry {
        /// On the clock of `AdaptiveSpin.now`, in nanoseconds.
        let time: UInt64
        let perform: @Sendable () -> Void
    }

    private struct State {
        var entries: [Entry] = []
        var isStarted = false
    }

    private let state = ConditionMutex(State())

    /// Performs `body` in `milliseconds`, or at once if there is no thread to do it.
    func after(milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
        let delay = UInt64(min(max(milliseconds, 0), 1 << 40)) * 1_000_000
        let entry = Entry(time: AdaptiveSpin.now + delay, perform: body)
        let mustStart = state.signal { state in
            state.entries.append(entry)
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard mustStart else { return }
        do throws(SystemError) { try NativeThread.start { [self] in work() } } catch {
            state.withLock { state in
                state.entries = []
                state.isStarted = false
            }
            body()
        }
    }

    private func work() {
        while true {
            for entry in waitForDue() { entry.perform() }
        }
    }

    private func waitForDue() -> [Entry] {
        while true {
            let next = state.wait { $0.entries.map(\.time).min() }
            let now = AdaptiveSpin.now
            guard next > now else { break }
            // An earlier one may be added meanwhile.
            _ = state.wait(milliseconds: Int((next - now) / 1_000_000) + 1) { state in
                state.entries.contains { $0.time < next } ? () : nil
            }
        }
        let now = AdaptiveSpin.now
        return state.withLock { state in
            let due = state.entries.filter { $0.time <= now }
            state.entries.removeAll { $0.time <= now }
            return due.sorted { $0.time < $1.time }
        }
    }
}
