import CPlatform
import ProxyTransport
import ProxyWire

/// The output of this process: what Python's streams and the descriptors 1 and 2 are given.
///
/// Exists before the server does, because the interpreter writes while it starts; until `connect`,
/// everything goes to the log.
package final class ServerOutput: Sendable {
    /// Who takes the output.
    struct Destination: Sendable {
        /// Waits until the client of a call has read most of what was sent to it. Without any lock.
        let waitForRoom: @Sendable (CallKey) -> Void
        /// Takes bytes; the call is that which wrote them through Python's streams, if that is known.
        let deliver: @Sendable (Output.Stream, UnsafeRawBufferPointer, CallKey?) -> Void
    }

    /// Where output goes at the moment.
    private let destination: ConditionMutex<Destination>
    let capture: OutputCapture?

    /// - Parameter captures: false leaves the descriptors alone.
    package init(log: ServerLog, captures: Bool) throws(SystemError) {
        let destination = ConditionMutex(
            Destination(waitForRoom: { _ in }, deliver: { _, bytes, _ in log.write(bytes) }))
        self.destination = destination
        capture =
            captures
            ? try OutputCapture { stream, bytes in
                destination.withLock { $0 }.deliver(stream, bytes, nil)
            } : nil
        let pipes = capture?.descriptors ?? []
        cplatform_rescue_output(pipes, Int32(pipes.count), log.number)
    }

    func connect(_ destination: Destination) {
        self.destination.withLock { $0 = destination }
    }

    /// Takes what Python code wrote to stream 1 or 2. Without the GIL.
    package func write(stream: Int, bytes: UnsafeRawBufferPointer, call: CallKey) {
        guard let stream = Output.Stream(rawValue: UInt64(clamping: stream)) else { return }
        // A forked child must not touch what the parent's threads may have locked.
        if cplatform_in_forked_child() { return writeAll(Int32(stream.rawValue), bytes) }
        let destination = destination.withLock { $0 }
        let call = call.rawValue == 0 ? nil : call
        if let call { destination.waitForRoom(call) }
        guard let capture else { return destination.deliver(stream, bytes, call) }
        if capture.isRedirected(stream) { return writeAll(Int32(stream.rawValue), bytes) }
        capture.inOrder { destination.deliver(stream, bytes, call) }
    }
}
