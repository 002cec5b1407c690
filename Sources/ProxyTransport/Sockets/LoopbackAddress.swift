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

    /// Small frames go at once.
    static func noDelay(_ socket: Int32) {
        turnOn(TCP_NODELAY, at: Int32(IPPROTO_TCP), of: socket)
    }

    private static func turnOn(_ option: Int32, at level: Int32, of socket: Int32) {
        var on: Int32 = 1
        _ = setsockopt(socket, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension LoopbackAddress: SocketAddress {
    static var family: Int32 { AF_INET }

    func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withGenericAddress(address, body)
    }

    func prepare(_ socket: Int32) {
        Self.noDelay(socket)
        // The port of a server that has just ended may be taken at once.
        Self.turnOn(SO_REUSEADDR, at: SOL_SOCKET, of: socket)
    }

    func restrict() {}

    package var description: String { "tcp://127.0.0.1:\(port)" }
}
