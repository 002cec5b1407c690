import ProxyTransport
import ProxyWire

/// A channel to a server that has accepted the handshake.
struct EstablishedConnection {
    let channel: Channel
    let welcome: Welcome
    /// What this side accepts.
    let limits: Limits
    /// The server's process, if this client has started it just now.
    var started: ChildProcess?
}
