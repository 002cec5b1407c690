import CPlatform
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A listening socket. A Unix socket accepts connections of its own user only; a private server listens nowhere.
package final class Listener: Sendable {
    /// For `poll`, which ignores -1: that of a private server.
    package let number: Int32
    package let address: ServerAddress

    package init(at address: ServerAddress) throws(SystemError) {
        self.address = address
        if case .inherited = address {
            number = -1
            return
        }
        let socket = try address.listen()
        _ = cplatform_set_nonblocking(socket.number, true)
        cplatform_close_in_forked_children(socket.number, true)
        number = socket.release()
    }

    deinit {
        guard number >= 0 else { return }
        cplatform_close_in_forked_children(number, false)
        _ = Descriptor(owning: number)
    }

    /// Accepts a waiting connection; nil if there is none, or if it was another user's.
    package func accept() throws(SystemError) -> Descriptor? {
        guard let accepted = retryingInterruptions({ acceptConnection(number) }) else {
            switch Errno.last {
            case .resourceTemporarilyUnavailable, .connectionAbort: return nil
            case let errno: throw SystemError("accepting a connection", errno: errno)
            }
        }
        let connection = Descriptor(owning: accepted)
        switch address {
        case .unix:
            guard UnixAddress.isOfThisUser(accepted) else {
                cplatform_close_in_forked_children(accepted, false)
                return nil
            }
        case .loopback:
            LoopbackAddress.noDelay(accepted)
        case .inherited: break
        }
        return connection
    }

    /// Lets another server take the place. Connections stay.
    package func close() {
        switch address {
        // Those who have connected just before are still accepted, and told.
        case .unix: address.unlink()
        // The descriptor's number stays taken, so that no thread can meet it in other hands.
        case .loopback: shutdown(number, Int32(SHUT_RDWR))
        case .inherited: break
        }
    }
}
