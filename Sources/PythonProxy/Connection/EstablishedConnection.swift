import ProxyTransport
import ProxyWire

/// A channel to a server that has accepted the handshake.
struct EstablishedConnection {
    let channel: Channel
    let welcome: Welcome
    /// What this side accepts.
    let limits: Limits
    let place: ServerPlace
    /// The server's process, if this client has started it just now.
    var started: ChildProcess?
    /// Beside the calls, for what must not wait behind them; a private server has one.
    var control: ControlLine?

    /// The other connection to a private server.
    final class ControlLine: Sendable {
        let connection: EstablishedConnection

        init(_ connection: EstablishedConnection) { self.connection = connection }
    }
}
