import CPlatform
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A listening Unix socket that accepts connections of its own user only.
package final class Listener: Sendable {
    private let descriptor: Descriptor
    package let address: UnixAddress

    package init(at address: UnixAddress) throws(SystemError) {
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
        var user = uid_t.max
        guard cplatform_peer_user(number, &user) == 0, user == geteuid() else { return nil }
        return connection
    }

    /// Removes the socket file. Connections stay.
    package func unlink() {
        removeFile(address.path)
    }
}

private func removeFile(_ path: String) { unlink(path) }
