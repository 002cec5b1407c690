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

    private let entries = ConditionMutex<[Entry]>([])
    private let thread = ThreadOnDemand()

    /// Performs `body` in `milliseconds`, or at once if there is no thread to do it.
    func after(milliseconds: Int, _ body: @escaping @Sendable () -> Void) {
        let delay = UInt64(min(max(milliseconds, 0), 1 << 40)) * 1_000_000
        do throws(SystemError) { try thread.start { [self] in work() } } catch { return body() }
        entries.signal { $0.append(Entry(time: AdaptiveSpin.now + delay, perform: body)) }
    }

    private func work() {
        while true {
            for entry in waitForDue() { entry.perform() }
        }
    }

    private func waitForDue() -> [Entry] {
        while true {
            let next = entries.wait { $0.map(\.time).min() }
            let now = AdaptiveSpin.now
            guard next > now else { break }
            // An earlier one may be added meanwhile.
            _ = entries.wait(milliseconds: Int((next - now) / 1_000_000) + 1) { entries in
                entries.contains { $0.time < next } ? () : nil
            }
        }
        let now = AdaptiveSpin.now
        return entries.withLock { entries in
            let due = entries.filter { $0.time <= now }
            entries.removeAll { $0.time <= now }
            return due.sorted { $0.time < $1.time }
        }
    }
}
