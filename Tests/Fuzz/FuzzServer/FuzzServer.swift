import Foundation
import ProxyTransport
import ProxyWire
import PythonInterpreter

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
    return 0
}

/// An interpreter on a thread of its own, which performs one call at a time.
private final class FuzzedInterpreter: InterpreterHost {
    static let shared = FuzzedInterpreter()

    let service: String? = nil
    let path: String? = nil
    let exposedPackages: [String] = []
    let captureOutput = false
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
            var answers = 0
            interpreter.perform(
                input, as: CallKey(rawValue: 1), on: mainThread, accepting: Limits(),
                sending: Limits(frameLength: 1 << 24),
                lender: nil
            ) { reply in
                answers += 1
                precondition(reply.count >= FrameHeader.length)
            }
            precondition(answers == 1, "\(answers) answers")
            state.signal { $0.isDone = true }
        }
    }

    func write(stream: Int, bytes: UnsafeRawBufferPointer, call: CallKey) {}
    func log(_ record: LogRecord, call: CallKey) -> Bool { false }
    func wantLogs(call: CallKey, level: UInt64) {}
    func watch(_ path: String, countsAllFiles: Bool) {}
    func failed(_ message: String) { preconditionFailure(message) }
    func finished() { preconditionFailure("finished") }
}
