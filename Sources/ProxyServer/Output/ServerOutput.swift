import CPlatform
import ProxyTransport
import ProxyWire

/// The output of this process: what Python's streams and the descriptors 1 and 2 are given.
///
/// Exists before the server does, because the interpreter writes while it starts; until `connect`,
/// everything goes to the log, and to the first client.
package final class ServerOutput: Sendable {
    /// Who takes the output.
    struct Destination: Sendable {
        /// The call that what comes from a descriptor belongs to, if there is just one.
        let runningCall: @Sendable () -> CallKey?
        /// Waits until the client of a call has read most of what was sent to it. Without any lock.
        let waitForRoom: @Sendable (CallKey) -> Void
        /// Takes a chunk.
        let deliver: @Sendable (CapturedChunk) -> Void
    }

    /// For how long the beginning of a chunk waits for the rest, in milliseconds.
    private static let longestWait = 50

    /// Where output goes at the moment.
    private let destination: ConditionMutex<Destination>
    /// Nil if the descriptors are left alone; Python's streams then write to them.
    private let capture: OutputCapture?
    private let deadlines = Deadlines()
    private let ticking: ConditionMutex<Ticking>
    let early = EarlyOutput()

    /// Whether a time is set when old beginnings of chunks end.
    private struct Ticking {
        var isSet = false
        weak var output: ServerOutput?
    }

    /// - Parameter captures: false leaves the descriptors alone.
    package init(log: ServerLog, captures: Bool) throws(SystemError) {
        let early = early
        let destination = ConditionMutex(
            Destination(
                runningCall: { nil }, waitForRoom: { _ in },
                deliver: { chunk in
                    log.write(chunk)
                    early.append(chunk)
                }))
        self.destination = destination
        let ticking = ConditionMutex(Ticking())
        self.ticking = ticking
        capture =
            captures
            ? try OutputCapture(
                .init(
                    runningCall: { destination.withLock { $0 }.runningCall() },
                    isBegun: { start in ticking.withLock { $0.output }?.tick(since: start) },
                    deliver: { destination.withLock { $0 }.deliver($0) })) : nil
        let pipes = capture?.descriptors ?? []
        cplatform_rescue_output(pipes, Int32(pipes.count), log.number)
        ticking.withLock { $0.output = self }
    }

    func connect(_ destination: Destination) {
        self.destination.withLock { $0 = destination }
    }

    // MARK: Python's streams

    /// Takes what Python code wrote to a stream. Waits for nothing: the caller may have the GIL.
    ///
    /// - Returns: what the caller has to do next, without the GIL; nil for nothing.
    package func take(
        _ bytes: UnsafeRawBufferPointer, to stream: Output.Stream, of call: CallKey?
    ) -> ((UnsafeRawBufferPointer) -> Void)? {
        switch capture?.take(bytes, to: stream, of: call) {
        case .kept, nil: nil
        case .complete: { _ in self.deliver(of: call) }
        case .redirected:
            { bytes in
                self.deliver(of: call)
                writeAll(Int32(stream.rawValue), bytes)
            }
        }
    }

    /// Python code has flushed a stream. Waits for nothing.
    ///
    /// - Returns: what the caller has to do next, without the GIL; nil for nothing.
    package func flush(_ stream: Output.Stream, of call: CallKey?) -> (() -> Void)? {
        switch capture?.flush(stream, of: call) {
        case .complete: { self.deliver(of: call) }
        case .kept, .redirected, nil: nil
        }
    }

    /// Passes on what has ended. Without the GIL: may wait for the client of the call.
    private func deliver(of call: CallKey?) {
        if let call { destination.withLock { $0 }.waitForRoom(call) }
        capture?.deliver()
    }

    // MARK: Ends

    /// A call has ended: passes on what it, and C code, have written. Before its reply is sent, so that output
    /// comes first.
    func end(_ call: CallKey) { capture?.deliverAll(of: call) }

    /// Passes on everything. Before the process ends.
    func finish() { capture?.deliverAll(of: nil) }

    /// A chunk has begun, and ends when it has waited for long.
    ///
    /// - Parameter start: when it has begun, in nanoseconds.
    private func tick(since start: UInt64) {
        let isFirst = ticking.withLock { ticking in
            defer { ticking.isSet = true }
            return !ticking.isSet
        }
        guard isFirst else { return }
        let deadline = start + UInt64(Self.longestWait) * 1_000_000
        let now = AdaptiveSpin.now
        let rest = deadline > now ? Int((deadline - now) / 1_000_000) + 1 : 0
        deadlines.after(milliseconds: rest) { [weak self] in self?.endOld(deadline) }
    }

    private func endOld(_ deadline: UInt64) {
        ticking.withLock { $0.isSet = false }
        let now = AdaptiveSpin.now
        // Before its time only if there is no thread to wait for it: then nothing may wait.
        let time = now < deadline ? .max : now - UInt64(Self.longestWait) * 1_000_000
        if let next = capture?.end(begunBy: time) { tick(since: next) }
    }
}
