import ProxyTransport
import ProxyWire

/// Hands what a server prints to everyone who listens.
///
/// Output before the first listener is kept, up to a megabyte, and given to that one.
final class OutputBroadcast: Sendable {
    private static let retainedBytes = 1 << 20

    private struct State {
        var listeners: [Listener] = []
        var isFinished = false
        var hadListener = false
        var retained: [OutputChunk] = []
        var retainedBytes = 0
        var incomplete: [OutputChunk.Stream: Start] = [:]
    }

    /// The start of a character whose rest is to come.
    private struct Start {
        let callID: UInt64
        let bytes: [UInt8]
    }

    /// Goes away with the stream that reads from it.
    private struct Listener {
        weak var queue: OutputQueue?
    }

    private let state = ConditionMutex(State())

    /// A new listener, from now on.
    func listen() -> AsyncStream<OutputChunk> {
        let queue = OutputQueue()
        state.withLock { state in
            state.listeners.append(Listener(queue: queue))
            state.hadListener = true
            for chunk in state.retained { queue.append(chunk) }
            state.retained = []
            state.retainedBytes = 0
            if state.isFinished { queue.finish() }
        }
        return AsyncStream(unfolding: { await queue.next() })
    }

    func send(_ output: Output, callID: UInt64) {
        state.withLock { state in
            let stream: OutputChunk.Stream =
                output.stream == .standardOutput ? .standardOutput : .standardError
            var bytes = output.bytes
            if let start = state.incomplete.removeValue(forKey: stream) {
                if start.callID == callID {
                    bytes = start.bytes + bytes
                } else {
                    // The rest of that character does not come next.
                    Self.pass(on: start.bytes, stream, callID: start.callID, &state)
                }
            }
            let complete = bytes.count - Self.incompleteCharacterLength(bytes)
            if complete < bytes.count {
                state.incomplete[stream] = Start(callID: callID, bytes: Array(bytes[complete...]))
            }
            guard complete > 0 else { return }
            Self.pass(
                on: Array(bytes[..<complete]), stream, callID: callID, dropped: output.dropped,
                &state)
        }
    }

    private static func pass(
        on bytes: [UInt8], _ stream: OutputChunk.Stream, callID: UInt64, dropped: Int = 0,
        _ state: inout State
    ) {
        let chunk = OutputChunk(
            stream: stream, text: String(decoding: bytes, as: UTF8.self), bytes: bytes,
            callID: callID == 0 ? nil : callID, droppedBytes: dropped)
        state.listeners.removeAll { $0.queue == nil }
        for listener in state.listeners { listener.queue?.append(chunk) }
        if !state.hadListener { retain(chunk, &state) }
    }

    /// Accepts listeners again after `finish`.
    func reopen() { state.withLock { $0.isFinished = false } }

    /// Ends the streams of all listeners, and those of later ones once they have read what was kept.
    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            // The beginnings of characters whose rest never came.
            for (stream, start) in state.incomplete {
                Self.pass(on: start.bytes, stream, callID: start.callID, &state)
            }
            state.incomplete = [:]
            defer { state.listeners = [] }
            return state.listeners
        }
        for listener in listeners { listener.queue?.finish() }
    }

    private static func retain(_ chunk: OutputChunk, _ state: inout State) {
        state.retained.append(chunk)
        state.retainedBytes += chunk.bytes.count
        while state.retainedBytes > retainedBytes, state.retained.count > 1 {
            state.retainedBytes -= state.retained.removeFirst().bytes.count
        }
    }

    /// The length of the start of a UTF-8 character at the end, whose rest is to come.
    private static func incompleteCharacterLength(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            if byte & 0xC0 == 0x80 { continue }
            if byte > 0xF4 { return 0 }
            let expected = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return expected > length ? length : 0
        }
        return 0
    }
}
