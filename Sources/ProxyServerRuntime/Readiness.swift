import CPlatform
import ProxyTransport

/// Tells the process that started this server how the start went, once.
///
/// The message is "ready" on a line, or "failed" on a line and then the reason; the end of the
/// stream comes after it, or instead of it if the process dies.
final class Readiness: Sendable {
    private let descriptor: ConditionMutex<Int32?>

    /// Takes over a descriptor; nil if nobody wants to know.
    init(descriptor: Int32?) {
        self.descriptor = ConditionMutex(descriptor)
    }

    func ready() { tell("ready\n") }

    func failed(_ reason: String) { tell("failed\n\(reason)") }

    private func tell(_ message: String) {
        let taken = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let taken else { return }
        cplatform_close_in_forked_children(taken, false)
        let owned = Descriptor(owning: taken)
        var message = message
        message.withUTF8 { writeAll(owned.number, UnsafeRawBufferPointer($0)) }
    }
}
