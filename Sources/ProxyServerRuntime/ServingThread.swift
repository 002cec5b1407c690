import ProxyServer
import ProxyWire
import PythonInterpreter

extension EmbeddedInterpreter: Interpreter {
    package func attachCurrentThread() -> any InterpreterThread { ServingThread(self, attach()) }
}

/// A thread of the server that runs Python.
final class ServingThread: InterpreterThread {
    private let interpreter: EmbeddedInterpreter
    private let state: PythonThreadState

    init(_ interpreter: EmbeddedInterpreter, _ state: PythonThreadState) {
        self.interpreter = interpreter
        self.state = state
    }

    var identifier: UInt64 { state.identifier }

    func perform(_ call: any CallIO) { interpreter.perform(call, on: state) }

    func reload(_ paths: [String], everything: Bool, as key: CallKey) -> ReloadOutcome? {
        interpreter.reloadProject(paths, everything: everything, as: key, on: state).map {
            ReloadOutcome(line: $0.line, payload: $0.payload)
        }
    }

    func interrupt(_ key: CallKey, on other: any InterpreterThread) -> Bool {
        // All threads of a server are of one kind.
        guard let other = other as? ServingThread else { return true }
        return interpreter.interrupt(key, on: other.state, from: state)
    }

    func leaveContexts(of session: UInt64, as key: CallKey) {
        interpreter.leaveContexts(of: session, as: key, on: state)
    }

    func leaveAllContexts(milliseconds: Int) {
        interpreter.leaveAllContexts(milliseconds: milliseconds, on: state)
    }

    func dropsOfEnded(_ session: UInt64) -> [ObjectDrops.Drop] {
        interpreter.dropsOfEnded(session, on: state)
    }

    func drop(
        _ drops: ArraySlice<ObjectDrops.Drop>, of session: UInt64, nanoseconds: UInt64
    ) -> ArraySlice<ObjectDrops.Drop> {
        interpreter.drop(drops, of: session, nanoseconds: nanoseconds, on: state)
    }

    func stacks() -> [UInt64: [String]] { interpreter.stacks(from: state) }
}
