import CPlatform
import Foundation

/// The process that listened on the other end of a Unix socket: by the system's word, not only by its own.
///
/// While the connection is open the process is still there, so that its number means no other one.
struct PeerProcess {
    let identifier: Int32

    /// Nil if the system does not say, as for TCP, where the other end may be that of a tunnel.
    init?(of socket: Int32) {
        identifier = cplatform_peer_process(socket)
        if identifier <= 1 { return nil }
    }

    /// Sends a signal to the process and, unless someone has started it by hand, to the group that it leads.
    func send(_ signal: Int32) {
        kill(getpgid(identifier) == identifier ? -identifier : identifier, signal)
    }
}
