import CPlatform
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The address of a Unix domain socket.
package struct UnixAddress: Sendable, Equatable {
    package let path: String

    /// The longest path in bytes, without the final zero: 107 on Linux, 103 on macOS.
    package static let maximumLength = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    package init(path: String) throws(SystemError) {
        guard path.utf8.count <= Self.maximumLength else {
            throw SystemError(
                "the socket path \(path) has \(path.utf8.count) bytes, more than the "
                    + "\(Self.maximumLength) that the system allows; choose a shorter directory",
                errno: .fileNameTooLong)
        }
        self.path = path
    }

    /// Whether the process at the other end of a socket is one of this user.
    static func isOfThisUser(_ socket: Int32) -> Bool {
        var user = uid_t.max
        return cplatform_peer_user(socket, &user) == 0 && user == geteuid()
    }
}

extension UnixAddress: SocketAddress {
    static var family: Int32 { AF_UNIX }

    func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withGenericAddress(address, body)
    }

    func prepare(_ socket: Int32) {}

    /// Connecting needs write permission on the socket: nobody but its owner gets it.
    func restrict() throws(SystemError) {
        guard chmod(path, 0o600) == 0 else { throw SystemError("restricting \(path)") }
    }

    package var description: String { path }
}
