import ProxyTransport
import ProxyWire

/// Passes on what one call prints, until the call has returned.
///
/// On a thread of its own, which starts with the first chunk: code of the program may take its time, and neither the
/// thread that reads nor Swift's pool waits for it.
final class OutputListener: Sendable {
    private struct State {
        var isRunning = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// For code of the program, as threads usually have.
    private static let stackSize = 8 << 20

    private let handler: @Sendable (OutputChunk) -> Void
    private let queue = EventQueue<OutputChunk>(capacity: ServerEvents.outputCapacity)
    private let decoder = ConditionMutex(OutputDecoder())
    private let state = ConditionMutex(State())

    init(_ handler: @escaping @Sendable (OutputChunk) -> Void) { self.handler = handler }

    /// Takes what the call has printed.
    ///
    /// - Returns: what is complete with it.
    func printed(_ output: Output, callID: UInt64) -> [OutputChunk] {
        let chunks = decoder.withLock { $0.decode(output, callID: callID) }
        pass(on: chunks)
        return chunks
    }

    /// The call has returned: waits until all that it has printed is passed on.
    nonisolated(nonsending) func finish() async {
        pass(on: decoder.withLock { $0.finish() })
        queue.finish()
        await waitForThread()
    }

    /// Nobody waits for the call any more: waits for what is being passed on only.
    nonisolated(nonsending) func discard() async {
        queue.discard()
        await waitForThread()
    }

    private func pass(on chunks: [OutputChunk]) {
        guard !chunks.isEmpty, !queue.isFinished else { return }
        for chunk in chunks { queue.append(chunk) }
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else { return }
        do {
            try NativeThread.start(stackSize: Self.stackSize, blocksSignals: false) { [self] in
                run()
            }
        } catch {
            // Nothing is passed on; the next chunk tries again.
            ended()
        }
    }

    private func run() {
        while let chunk = queue.waitForNext() { handler(chunk) }
        ended()
    }

    private func ended() {
        let waiter = state.withLock { state in
            state.isRunning = false
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    private nonisolated(nonsending) func waitForThread() async {
        await withCheckedContinuation { continuation in
            let isRunning = state.withLock { state in
                if state.isRunning { state.waiter = continuation }
                return state.isRunning
            }
            if !isRunning { continuation.resume() }
        }
    }
}
