import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the addresses of all families have in common.
protocol SocketAddress: CustomStringConvertible {
    /// `AF_UNIX` or `AF_INET`.
    static var family: Int32 { get }

    /// Calls `body` with the address as the C functions want it.
    func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32

    /// Sets what a socket needs before it is connected or bound.
    func prepare(_ socket: Int32)

    /// Sets what a socket needs between being bound and listening.
    func restrict() throws(SystemError)
}

extension SocketAddress {
    /// A socket that is connected to whoever listens here.
    func connectedSocket() throws(SystemError) -> Descriptor {
        let descriptor = try newSocket()
        let number = descriptor.number
        let status = withAddress { address, length in
            retryingInterruptions { connect(number, address, length) } ?? -1
        }
        guard status == 0 else { throw SystemError("connecting to \(self)") }
        return descriptor
    }

    /// A socket that listens here.
    func listeningSocket() throws(SystemError) -> Descriptor {
        let descriptor = try newSocket()
        let number = descriptor.number
        guard withAddress({ bind(number, $0, $1) }) == 0 else {
            throw SystemError("binding to \(self)")
        }
        try restrict()
        guard listen(number, 128) == 0 else { throw SystemError("listening on \(self)") }
        return descriptor
    }

    private func newSocket() throws(SystemError) -> Descriptor {
        let number = newStreamSocket(family: Self.family)
        guard number >= 0 else { throw SystemError("creating a socket") }
        prepare(number)
        return Descriptor(owning: number)
    }
}

/// The address as the C functions want it.
func withGenericAddress<Address>(
    _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
    withUnsafePointer(to: address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<Address>.size))
        }
    }
}
