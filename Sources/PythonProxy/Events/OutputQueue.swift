import DequeModule
import ProxyTransport

/// What one listener has not read yet: bounded, the oldest goes first.
///
/// An `AsyncStream` by itself bounds the number of chunks, not their bytes, and does not tell what was lost.
final class OutputQueue: Sendable {
    static let capacity = 16 << 20

    private struct State {
        var chunks: Deque<OutputChunk> = []
        var bytes = 0
        /// By stream, since the last chunk of that stream was handed out.
        var dropped: [OutputChunk.Stream: Int] = [:]
        var waiter: CheckedContinuation<OutputChunk?, Never>?
        var isFinished = false
    }

    private let state = ConditionMutex(State())

    func append(_ chunk: OutputChunk) {
        let (waiter, next) = state.withLock { state in
            guard !state.isFinished else { return (nil, nil) as Handover }
            state.chunks.append(chunk)
            state.bytes += chunk.bytes.count
            while state.bytes > Self.capacity, state.chunks.count > 1 {
                let lost = state.chunks.removeFirst()
                state.bytes -= lost.bytes.count
                state.dropped[lost.stream, default: 0] += lost.bytes.count + lost.droppedBytes
            }
            guard let waiter = state.waiter else { return (nil, nil) }
            state.waiter = nil
            return (waiter, Self.next(&state))
        }
        waiter?.resume(returning: next)
    }

    /// Nothing comes after what is there.
    func finish() {
        let waiter = state.withLock { state in
            state.isFinished = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    /// The next chunk, waited for; nil at the end, or if the task is cancelled.
    func next() async -> OutputChunk? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isReady, other) = state.withLock { state in
                    guard state.chunks.isEmpty, !state.isFinished, !Task.isCancelled else {
                        return (true, nil as CheckedContinuation<OutputChunk?, Never>?)
                    }
                    defer { state.waiter = continuation }
                    return (false, state.waiter)
                }
                // A stream has one reader: the last one.
                other?.resume(returning: nil)
                if isReady { continuation.resume(returning: state.withLock { Self.next(&$0) }) }
            }
        } onCancel: {
            finish()
        }
    }

    private typealias Handover = (CheckedContinuation<OutputChunk?, Never>?, OutputChunk?)

    private static func next(_ state: inout State) -> OutputChunk? {
        guard let chunk = state.chunks.popFirst() else { return nil }
        state.bytes -= chunk.bytes.count
        guard let dropped = state.dropped.removeValue(forKey: chunk.stream) else { return chunk }
        return OutputChunk(
            stream: chunk.stream, text: chunk.text, bytes: chunk.bytes, callID: chunk.callID,
            droppedBytes: chunk.droppedBytes + dropped)
    }
}
