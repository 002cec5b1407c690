import ProxyTransport
import ProxyWire

@testable import ProxyServer

/// An interpreter made of a closure, which gets the target of the call.
final class FakeInterpreter: Interpreter {
    let version = "3.11.0"
    private let threadCount = ConditionMutex(UInt64(0))
    private let body: @Sendable (String, FrameBuffer) -> FrameKind
    private let reloaded: @Sendable (UInt64) -> Void

    /// - Parameters:
    ///   - reloaded: gets the number of the thread that reloads; the main one is 0.
    ///   - body: writes the payload of the answer and returns its kind.
    init(
        reloaded: @escaping @Sendable (UInt64) -> Void = { _ in },
        _ body: @escaping @Sendable (String, FrameBuffer) -> FrameKind
    ) {
        self.reloaded = reloaded
        self.body = body
    }

    var mainThread: any InterpreterThread { FakeThread(identifier: 0, body, reloaded) }

    func attachCurrentThread() -> any InterpreterThread {
        let number = threadCount.withLock { number in
            number += 1
            return number
        }
        return FakeThread(identifier: number, body, reloaded)
    }

    func forget(_ session: UInt64) {}

    func objectCounts() -> [ObjectCount] { [] }

    func emergencyStacks() -> String { "" }
}

/// A thread of the fake interpreter, whose calls end by themselves.
private final class FakeThread: InterpreterThread {
    let identifier: UInt64
    private let body: @Sendable (String, FrameBuffer) -> FrameKind
    private let reloaded: @Sendable (UInt64) -> Void

    init(
        identifier: UInt64, _ body: @escaping @Sendable (String, FrameBuffer) -> FrameKind,
        _ reloaded: @escaping @Sendable (UInt64) -> Void
    ) {
        self.identifier = identifier
        self.body = body
        self.reloaded = reloaded
    }

    func perform(_ call: any CallIO) {
        let reply = FrameBuffer()
        let frame = call.frame
        var reader = frame.unsafeReader(maximumDepth: 8)
        let kind: FrameKind
        do {
            _ = try reader.array(counts: CallOperation.itemCounts)
            _ = try reader.unsigned()
            kind = body(try reader.text(), reply)
        } catch {
            return call.answer(Rejection(.malformed, "\(error)").frame(callID: frame.callID))
        }
        call.answer(reply.seal(kind: kind, callID: frame.callID))
        // One-shot: this goes nowhere.
        call.answer(Rejection(.other, "a second answer").frame(callID: frame.callID))
    }

    func reload(_ paths: [String], everything: Bool, as key: CallKey) -> ReloadOutcome? {
        reloaded(identifier)
        return nil
    }

    func interrupt(_ key: CallKey, on other: any InterpreterThread) -> Bool { true }

    func stacks() -> [UInt64: [String]] { [:] }

    func leaveContexts(of session: UInt64, as key: CallKey) {}

    func leaveAllContexts(milliseconds: Int) {}

    func dropsOfEnded(_ session: UInt64) -> [ObjectDrops.Drop] { [] }

    func drop(
        _ drops: ArraySlice<ObjectDrops.Drop>, of session: UInt64, nanoseconds: UInt64
    ) -> ArraySlice<ObjectDrops.Drop> { [] }
}
