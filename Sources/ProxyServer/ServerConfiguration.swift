import ProxyTransport
import ProxyWire

/// How a server is to serve.
package struct ServerConfiguration: Sendable {
    /// What makes this server this one.
    package var identity: ServerIdentity
    package var socket: UnixAddress
    /// What the server accepts.
    package var limits: Limits
    /// How long a running call may hold up the end of the server, in milliseconds.
    package var gracePeriod: Int

    package init(
        identity: ServerIdentity, socket: UnixAddress, limits: Limits = Limits(),
        gracePeriod: Int = 3000
    ) {
        self.identity = identity
        self.socket = socket
        self.limits = limits
        self.gracePeriod = gracePeriod
    }
}
