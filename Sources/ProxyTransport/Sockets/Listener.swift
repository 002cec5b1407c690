import CPlatform
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A listening socket. A Unix socket accepts connections of its own user only.
package final class Listener: Sendable {
    private let descriptor: Descriptor
    package let address: ServerAddress

    package init(at address: ServerAddress) throws(SystemError) {
        self.address = address
        descriptor = try address.listen()
        _ = cplatform_set_nonblocking(descriptor.number, true)
        cplatform_close_in_forked_children(descriptor.number, true)
    }

    deinit { cplatform_close_in_forked_children(descriptor.number, false) }

    /// For `poll`.
    package var number: Int32 { descriptor.number }

    /// Accepts a waiting connection; nil if there is none, or if it was another user's.
    package func accept() throws(SystemError) -> Descriptor? {
        guard let number = retryingInterruptions({ acceptConnection(descriptor.number) }) else {
            switch Errno.last {
            case .resourceTemporarilyUnavailable, .connectionAbort: return nil
            case let errno: throw SystemError("accepting a connection", errno: errno)
            }
        }
        let connection = Descriptor(owning: number)
        switch address {
        case .unix:
            guard UnixAddress.isOfThisUser(number) else {
                cplatform_close_in_forked_children(number, false)
                return nil
            }
        case .loopback:
            LoopbackAddress.noDelay(number)
        }
        return connection
    }

    /// Lets another server take the place. Connections stay.
    package func close() {
        switch address {
        // Those who have connected just before are still accepted, and told.
        case .unix: address.unlink()
        // The descriptor's number stays taken, so that no thread can meet it in other hands.
        case .loopback: shutdown(descriptor.number, Int32(SHUT_RDWR))
        }
    }
}
