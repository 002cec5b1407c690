import ProxyTransport
import ProxyWire

@testable import ProxyServer

/// An interpreter made of a closure, which gets the target of the call.
final class FakeInterpreter: Interpreter {
    let version = "3.11.0"
    private let main = ConditionMutex(0)
    private let body: @Sendable (String, FrameBuffer) -> FrameKind

    /// - Parameter body: writes the payload of the answer and returns its kind.
    init(_ body: @escaping @Sendable (String, FrameBuffer) -> FrameKind) {
        self.body = body
    }

    func attachCurrentThread() -> Int {
        main.withLock { number in
            number += 1
            return number
        }
    }

    func perform(
        _ frame: InboundFrame, as key: CallKey, on thread: Int, accepting: Limits, sending: Limits,
        lender: (any SegmentLender)?, answer: (FrameBuffer) -> Void
    ) {
        let reply = FrameBuffer()
        var reader = frame.unsafeReader(maximumDepth: 8)
        let kind: FrameKind
        do {
            try reader.array(count: 4)
            _ = try reader.unsigned()
            kind = body(try reader.text(), reply)
        } catch {
            return answer(Rejection(.malformed, "\(error)").frame(callID: frame.callID))
        }
        answer(reply.seal(kind: kind, callID: frame.callID))
    }

    /// The fake interpreter's calls end by themselves.
    func reload(
        _ paths: [String], everything: Bool, as key: CallKey, on thread: Int
    ) -> ReloadOutcome? { nil }

    func interrupt(_ key: CallKey, on thread: Int, from own: Int) -> Bool { true }

    func identifier(of thread: Int) -> UInt64 { UInt64(thread) }

    func stacks(from own: Int) -> [UInt64: [String]] { [:] }

    func emergencyStacks() -> String { "" }
}
