import ProxyTransport
import ProxyWire

/// Hands what a server prints to everyone who listens.
///
/// Output before the first listener is kept, up to a megabyte, and given to that one.
final class OutputBroadcast: Sendable {
    private static let retainedBytes = 1 << 20
    /// A listener that does not keep up loses the oldest chunks beyond this number.
    private static let listenerCapacity = 1 << 16

    private struct State {
        var listeners: [UInt64: AsyncStream<OutputChunk>.Continuation] = [:]
        var lastListener: UInt64 = 0
        var hadListener = false
        var retained: [OutputChunk] = []
        var retainedBytes = 0
        var incomplete: [OutputChunk.Stream: [UInt8]] = [:]
    }

    private let state = ConditionMutex(State())

    /// A new listener, from now on.
    func listen() -> AsyncStream<OutputChunk> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: OutputChunk.self, bufferingPolicy: .bufferingNewest(Self.listenerCapacity))
        let id = state.withLock { state in
            state.lastListener += 1
            state.listeners[state.lastListener] = continuation
            state.hadListener = true
            for chunk in state.retained { continuation.yield(chunk) }
            state.retained = []
            return state.lastListener
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    func send(_ output: Output, callID: UInt64) {
        state.withLock { state in
            let stream: OutputChunk.Stream =
                output.stream == .standardOutput ? .standardOutput : .standardError
            let bytes = (state.incomplete.removeValue(forKey: stream) ?? []) + output.bytes
            let complete = bytes.count - Self.incompleteCharacterLength(bytes)
            if complete < bytes.count { state.incomplete[stream] = Array(bytes[complete...]) }
            guard complete > 0 else { return }
            let chunk = OutputChunk(
                stream: stream, text: String(decoding: bytes[..<complete], as: UTF8.self),
                bytes: Array(bytes[..<complete]), callID: callID == 0 ? nil : callID,
                droppedBytes: output.dropped)
            for listener in state.listeners.values { listener.yield(chunk) }
            if !state.hadListener { Self.retain(chunk, &state) }
        }
    }

    /// Ends the streams of all listeners.
    func finish() {
        let listeners = state.withLock { state in
            defer { state.listeners = [:] }
            return state.listeners.values
        }
        for listener in listeners { listener.finish() }
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
            let expected = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return expected > length ? length : 0
        }
        return 0
    }
}
