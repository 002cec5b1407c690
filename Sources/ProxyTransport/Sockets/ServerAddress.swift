import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a server listens.
package enum ServerAddress: Sendable, Equatable {
    /// Only its own user can connect: the file system and the system's word for who the peer is see to that.
    case unix(UnixAddress)
    /// Any user of the machine can connect, and must show a token.
    case loopback(LoopbackAddress)
    /// Nowhere: the server has inherited its connections.
    case inherited

    /// Connects to the server that listens here.
    package func connect() throws(SystemError) -> Descriptor {
        switch self {
        case .unix(let address):
            let descriptor = try address.connectedSocket()
            guard UnixAddress.isOfThisUser(descriptor.number) else {
                throw SystemError(
                    "trusting \(address), where another user listens,", errno: .permissionDenied)
            }
            return descriptor
        case .loopback(let address): return try address.connectedSocket()
        case .inherited: throw Self.nowhere
        }
    }

    /// Creates a socket that listens here. There must be no file at the path of a Unix socket.
    package func listen() throws(SystemError) -> Descriptor {
        switch self {
        case .unix(let address): try address.listeningSocket()
        case .loopback(let address): try address.listeningSocket()
        case .inherited: throw Self.nowhere
        }
    }

    private static var nowhere: SystemError {
        SystemError("reaching a private server", errno: .noSuchFileOrDirectory)
    }

    /// Removes the socket file, if there is one. Nothing that is no socket.
    package func unlink() {
        guard case .unix(let address) = self else { return }
        var status = stat()
        if lstat(address.path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK {
            removeFile(address.path)
        }
    }

    /// Whether certainly nobody listens here.
    package var isDead: Bool {
        do throws(SystemError) {
            _ = try connect()
            return false
        } catch {
            return error.errno == .noSuchFileOrDirectory || error.errno == .connectionRefused
        }
    }

    /// Whether descriptors can be passed.
    package var sharesMemory: Bool {
        if case .loopback = self { false } else { true }
    }
}

extension ServerAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unix(let address): "unix:" + address.path
        case .loopback(let address): "\(address)"
        case .inherited: "private"
        }
    }
}

private func removeFile(_ path: String) { unlink(path) }
