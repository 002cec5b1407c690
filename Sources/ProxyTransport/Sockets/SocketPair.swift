import CPlatform

/// Two sockets that are connected to each other, both close-on-exec.
package struct SocketPair: ~Copyable {
    package let near: Descriptor
    package let far: Descriptor

    package init() throws(SystemError) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) {
            cplatform_socket_pair(
                $0.assumingMemoryBound(to: Int32.self).baseAddress.unsafelyUnwrapped)
        }
        guard result == 0 else { throw SystemError("creating a pair of sockets") }
        near = Descriptor(owning: ends.0)
        far = Descriptor(owning: ends.1)
    }

    /// Keeps one end and closes the other.
    package consuming func takeNear() -> Descriptor { near }
}
