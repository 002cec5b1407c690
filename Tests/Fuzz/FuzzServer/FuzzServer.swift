import Foundation
import ProxyTransport
import ProxyWire
import PythonInterpreter

@testable import ProxyServer

/// What a server makes of any bytes that a client sends as the argument of a call: an object of a real
/// interpreter, which goes through `copy.copy` and is written as the reply.
///
/// The environment of the process says which: FUZZ_LIBPYTHON and FUZZ_PYTHON.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzServer(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let writer = CBORWriter(FrameBuffer())
    writer.array(count: 4)
    writer.unsigned(CallOperation.call.rawValue)
    writer.text(":copy.copy")
    writer.array(count: 1)
    writer.buffer.extend(by: count).copyMemory(from: start, byteCount: count)
    writer.map(count: 0)
    FuzzedInterpreter.shared.perform(
        InboundFrame(kind: .call, callID: 1, buffer: writer.buffer))
    readAsEveryFrame(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}

/// The same bytes as the payload of each kind of frame that a client may send, before the handshake and after it.
private func readAsEveryFrame(_ bytes: UnsafeRawBufferPointer) {
    let identity = ServerIdentity(
        interpreter: "", baseInterpreter: "", service: nil, path: [], workingDirectory: "",
        port: 0, autoreload: false, captureOutput: false, build: "")
    let welcome = Welcome(processIdentifier: 1, pythonVersion: "3", limits: Limits())
    let hello = Hello(client: "f", identity: nil, limits: Limits()).frame()
    for kind in FrameKind.allCases {
        let buffer = FrameBuffer()
        if let address = bytes.baseAddress {
            buffer.extend(by: bytes.count).copyMemory(from: address, byteCount: bytes.count)
        }
        let frame = InboundFrame(kind: kind, callID: 2, buffer: buffer)
        var fresh = Handshake(identity: identity, welcome: welcome)
        _ = fresh.received(frame)
        var open = Handshake(identity: identity, welcome: welcome)
        _ = open.received(InboundFrame(kind: .hello, callID: 0, buffer: hello))
        _ = open.received(frame)
        _ = try? frame.read(limits: Limits()) { try SegmentIntroduction(from: &$0) }
        _ = try? frame.read(limits: Limits()) { try SegmentNumber(from: &$0) }
    }
}

/// A call that counts its answers.
private final class FuzzedCall: CallIO {
    let key = CallKey(rawValue: 1)
    let frame: InboundFrame
    let accepting = Limits()
    let sending = Limits(frameLength: 1 << 24)
    let lender: (any SegmentLender)? = nil
    let endOfSession: SessionEnd? = nil
    private let answers = ConditionMutex(0)

    init(_ frame: InboundFrame) { self.frame = frame }

    var answerCount: Int { answers.withLock { $0 } }

    func answer(_ reply: FrameBuffer) {
        answers.withLock { $0 += 1 }
        precondition(reply.count >= FrameHeader.length)
    }
}

/// An interpreter on a thread of its own, which performs one call at a time.
private final class FuzzedInterpreter: InterpreterHost {
    static let shared = FuzzedInterpreter()

    let service: String? = nil
    let path: [String] = []
    let exposedPackages: [String] = []
    let captureOutput = false
    let hasWorkers = false
    let reloads = false
    let dataFilePatterns: [String] = []
    let logDescriptor: Int32 = 2
    private let state = ConditionMutex(State())

    private struct State {
        var input: InboundFrame?
        var isDone = false
    }

    init() {
        let variables = ProcessInfo.processInfo.environment
        guard let libpython = variables["FUZZ_LIBPYTHON"], let python = variables["FUZZ_PYTHON"]
        else { preconditionFailure("FUZZ_LIBPYTHON and FUZZ_PYTHON are not set") }
        NativeModule.use { [self] _ in self }
        do {
            try NativeThread.start(stackSize: 16 << 20) {
                let result = PythonMain.run(
                    libpython: libpython, interpreter: python, arguments: [],
                    initialise: { NativeModule.create() })
                preconditionFailure("the interpreter ended: \(result)")
            }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func perform(_ frame: InboundFrame) {
        state.signal { $0 = State(input: frame) }
        state.wait { $0.isDone ? () : nil }
    }

    func serve(with interpreter: EmbeddedInterpreter, mainThread: PythonThreadState) {
        while true {
            let input = state.wait { state in
                defer { state.input = nil }
                return state.input
            }
            let call = FuzzedCall(input)
            interpreter.perform(call, on: mainThread)
            precondition(call.answerCount == 1, "\(call.answerCount) answers")
            state.signal { $0.isDone = true }
        }
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, to stream: Output.Stream, call: CallKey?
    ) -> ((UnsafeRawBufferPointer) -> Void)? { nil }
    func flush(_ stream: Output.Stream, call: CallKey?) -> (() -> Void)? { nil }
    func log(_ record: LogRecord, call: CallKey) -> Bool { false }
    func wantLogs(call: CallKey, level: UInt64) {}
    func watch(_ path: String, countsAllFiles: Bool) {}
    func failed(_ message: String) { preconditionFailure(message) }
    func finished() { preconditionFailure("finished") }
}
