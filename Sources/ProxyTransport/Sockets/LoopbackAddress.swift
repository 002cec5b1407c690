import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A TCP port of this machine, reachable from this machine only (127.0.0.1).
package struct LoopbackAddress: Sendable, Equatable {
    package let port: UInt16

    package init(port: UInt16) {
        self.port = port
    }

    /// Connects to whoever listens here.
    package func connect() throws(SystemError) -> Descriptor {
        let descriptor = try Self.socket()
        let number = descriptor.number
        let status = withAddress { address, length in
            retryingInterruptions { connectSocket(number, address, length) } ?? -1
        }
        guard status == 0 else { throw SystemError("connecting to \(self)") }
        return descriptor
    }

    /// Creates a socket that listens here.
    package func listen() throws(SystemError) -> Descriptor {
        let descriptor = try Self.socket()
        let number = descriptor.number
        // The port of a server that has just ended may be taken at once.
        var on: Int32 = 1
        _ = setsockopt(
            number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress({ bind(number, $0, $1) }) == 0 else {
            throw SystemError("binding to \(self)")
        }
        guard listenSocket(number, 128) == 0 else { throw SystemError("listening on \(self)") }
        return descriptor
    }

    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func socket() throws(SystemError) -> Descriptor {
        let number = newStreamSocket(family: AF_INET)
        guard number >= 0 else { throw SystemError("creating a socket") }
        let descriptor = Descriptor(owning: number)
        noDelay(number)
        return descriptor
    }

    /// Small frames go at once.
    static func noDelay(_ number: Int32) {
        var on: Int32 = 1
        _ = setsockopt(
            number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension LoopbackAddress: CustomStringConvertible {
    package var description: String { "tcp://127.0.0.1:\(port)" }
}

// The names of the C functions, free of the methods above.
private func connectSocket(
    _ socket: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
) -> Int32 { connect(socket, address, length) }
private func listenSocket(_ socket: Int32, _ backlog: Int32) -> Int32 { listen(socket, backlog) }
