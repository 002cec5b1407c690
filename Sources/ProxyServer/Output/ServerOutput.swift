import ProxyTransport
import ProxyWire
import Synchronization

/// The output of this process: what Python's streams and the descriptors 1 and 2 are given.
///
/// Exists before the server does, because the interpreter writes while it starts; until `connect`,
/// everything goes to the log.
package final class ServerOutput: Sendable {
    typealias Sink = @Sendable (Output.Stream, UnsafeRawBufferPointer, QueuedCall?) -> Void

    let currentCall = CurrentCall()
    let capture: OutputCapture?
    private let sink: SinkBox

    private final class SinkBox: Sendable {
        let value: Mutex<Sink>
        init(_ sink: @escaping Sink) { value = Mutex(sink) }
    }

    /// - Parameter captures: false leaves the descriptors alone.
    package init(log: ServerLog, captures: Bool) throws(SystemError) {
        let sink = SinkBox { _, bytes, _ in log.write(bytes) }
        self.sink = sink
        capture =
            captures
            ? try OutputCapture(log: log.number) { stream, bytes in
                sink.value.withLock { $0 }(stream, bytes, nil)
            } : nil
    }

    func connect(_ sink: @escaping Sink) {
        self.sink.value.withLock { $0 = sink }
    }

    /// Takes what Python code on the current thread wrote to stream 1 or 2. Without the GIL.
    package func write(stream: Int, bytes: UnsafeRawBufferPointer) {
        guard let stream = Output.Stream(rawValue: UInt64(clamping: stream)) else { return }
        sink.value.withLock { $0 }(stream, bytes, currentCall.value)
    }
}
