import ProxyTransport
import ProxyWire

/// What was printed before the first client came, for that one: by a service module that was imported, say.
final class EarlyOutput: Sendable {
    /// In bytes.
    private static let capacity = 1 << 16

    private struct State {
        var chunks: [CapturedChunk]? = []
        var byteCount = 0
    }

    private let state = ConditionMutex(State())

    /// Keeps a chunk, unless a client has come or there are too many.
    func append(_ chunk: CapturedChunk) {
        state.withLock { state in
            guard state.chunks != nil, state.byteCount + chunk.bytes.count <= Self.capacity else {
                return
            }
            state.chunks?.append(chunk)
            state.byteCount += chunk.bytes.count
        }
    }

    /// All of it; none later.
    func take() -> [CapturedChunk] {
        state.withLock { state in
            defer { state.chunks = nil }
            return state.chunks ?? []
        }
    }
}
