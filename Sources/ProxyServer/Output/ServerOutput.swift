import ProxyTransport
import ProxyWire

/// The output of this process: what Python's streams and the descriptors 1 and 2 are given.
///
/// Exists before the server does, because the interpreter writes while it starts; until `connect`,
/// everything goes to the log.
package final class ServerOutput: Sendable {
    typealias Deliver = @Sendable (Output.Stream, UnsafeRawBufferPointer, QueuedCall?) -> Void

    let currentCall = CurrentCall()
    let capture: OutputCapture?
    private let sink: Sink

    /// Where output goes at the moment.
    private final class Sink: Sendable {
        // Not the closure itself: each access to a closure in a mutex, whose state is generic, wraps it
        // in one more conversion and stores that, until a call of it overflows the stack.
        private struct Destination {
            let deliver: Deliver
        }

        private let destination: ConditionMutex<Destination>

        init(_ deliver: @escaping Deliver) {
            destination = ConditionMutex(Destination(deliver: deliver))
        }

        func connect(_ deliver: @escaping Deliver) {
            destination.withLock { $0 = Destination(deliver: deliver) }
        }

        func deliver(
            _ stream: Output.Stream, _ bytes: UnsafeRawBufferPointer, of call: QueuedCall?
        ) {
            let destination = destination.withLock { $0 }
            destination.deliver(stream, bytes, call)
        }
    }

    /// - Parameter captures: false leaves the descriptors alone.
    package init(log: ServerLog, captures: Bool) throws(SystemError) {
        let sink = Sink { _, bytes, _ in log.write(bytes) }
        self.sink = sink
        capture =
            captures
            ? try OutputCapture(log: log.number) { sink.deliver($0, $1, of: nil) } : nil
    }

    func connect(_ deliver: @escaping Deliver) { sink.connect(deliver) }

    /// Takes what Python code on the current thread wrote to stream 1 or 2. Without the GIL.
    package func write(stream: Int, bytes: UnsafeRawBufferPointer) {
        guard let stream = Output.Stream(rawValue: UInt64(clamping: stream)) else { return }
        sink.deliver(stream, bytes, of: currentCall.value)
    }
}
