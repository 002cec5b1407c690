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

    /// Calls `body` with the address as the C functions want it.
    func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Connects to the server that listens here.
    package func connect() throws(SystemError) -> Descriptor {
        let descriptor = try Self.socket()
        let number = descriptor.number
        let status = withAddress { address, length in
            retryingInterruptions { connectSocket(number, address, length) } ?? -1
        }
        guard status == 0 else { throw SystemError("connecting to \(path)") }
        var user = uid_t.max
        guard cplatform_peer_user(number, &user) == 0, user == geteuid() else {
            throw SystemError(
                "trusting \(path), where another user listens,", errno: .permissionDenied)
        }
        return descriptor
    }

    /// Creates a socket that listens here. The path must not exist.
    package func listen() throws(SystemError) -> Descriptor {
        let descriptor = try Self.socket()
        let number = descriptor.number
        guard withAddress({ bind(number, $0, $1) }) == 0 else {
            throw SystemError("binding to \(path)")
        }
        // Connecting needs write permission on the socket: nobody but its owner gets it.
        guard chmod(path, 0o600) == 0 else { throw SystemError("restricting \(path)") }
        guard listenSocket(number, 128) == 0 else { throw SystemError("listening on \(path)") }
        return descriptor
    }

    private static func socket() throws(SystemError) -> Descriptor {
        let number = newStreamSocket(family: AF_UNIX)
        guard number >= 0 else { throw SystemError("creating a socket") }
        return Descriptor(owning: number)
    }
}

// The names of the C functions, free of the methods above.
private func connectSocket(
    _ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
) -> Int32 { connect(socket, address, length) }
private func listenSocket(_ socket: Int32, _ backlog: Int32) -> Int32 { listen(socket, backlog) }
