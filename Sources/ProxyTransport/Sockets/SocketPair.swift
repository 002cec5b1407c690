import CPlatform

/// Two sockets that are connected to each other, both close-on-exec.
package struct SocketPair: ~Copyable {
    package let near: Descriptor
    package let far: Descriptor

    package init() throws(SystemError) {
        let ends = try descriptorPair("creating a pair of sockets") { cplatform_socket_pair($0) }
        near = Descriptor(owning: ends.0)
        far = Descriptor(owning: ends.1)
    }

    /// Keeps one end and closes the other.
    package consuming func takeNear() -> Descriptor { near }
}
