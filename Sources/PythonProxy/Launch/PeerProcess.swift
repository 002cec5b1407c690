import CPlatform

/// Who is at the other end of a socket.
enum PeerProcess {
    /// The process that listened on the other end of a Unix socket; nil if the system does not say.
    static func identifier(of socket: Int32) -> Int32? {
        let identifier = cplatform_peer_process(socket)
        return identifier > 0 ? identifier : nil
    }
}
