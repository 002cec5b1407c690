import ProxyTransport
import ProxyWire

/// What a connection knows, under one lock: its calls, who reads, and what the server has said last.
struct ConnectionState {
    /// The code that waits for something.
    enum Waiter {
        case suspended(UnsafeContinuation<InboundFrame?, any Error>)
        /// A caller that looks for the answer itself.
        case looking(Answer)

        func resume(with result: Result<InboundFrame?, any Error>) {
            switch self {
            case .suspended(let continuation): continuation.resume(with: result)
            case .looking(let answer): answer.result = result
            }
        }
    }

    /// SAFETY (`@unchecked Sendable`): touched only by the caller that looks, which is the one that reads.
    final class Answer: @unchecked Sendable {
        var result: Result<InboundFrame?, any Error>?

        func take() -> Result<InboundFrame?, any Error>? {
            defer { result = nil }
            return result
        }
    }

    var calls: CallTable<Waiter>
    var reading = ReadingRole()
    var spin = AdaptiveSpin()
    /// Why the server says that it closes the connection.
    var goodbye: Closing?
    /// What the server printed last, for the report of a crash.
    var tail = OutputTail()
    var isClosedByUser = false
    /// The server takes no more calls, but answers those that it has.
    var isRetired = false
    /// What was wrong with a frame that a caller has read.
    var violation: (any Error)?
}

/// A request that is being made, for the handler of its task's cancellation. Guarded by the lock of the
/// connection's state.
///
/// SAFETY (`@unchecked Sendable`): touched only while that lock is held.
final class PendingRequest: @unchecked Sendable {
    enum Phase {
        /// Becomes any of the others.
        case new
        /// With the ticket for the queue.
        case waitingForRoom(UInt64)
        /// With its id.
        case sent(UInt64)
        case cancelled
    }

    var phase: Phase

    init(_ phase: Phase = .new) { self.phase = phase }

    var isCancelled: Bool {
        if case .cancelled = phase { true } else { false }
    }
}
