import ProxyTransport
import ProxyWire

/// How a server is to serve.
package struct ServerConfiguration: Sendable {
    /// What makes this server this one.
    package var identity: ServerIdentity
    package var address: ServerAddress
    /// What clients must know; nil if being connected is proof enough.
    package var token: Token?
    /// The server ends when nobody has been connected for this time, in milliseconds; nil: never.
    package var idleMilliseconds: Int?
    /// Files that go with the socket when the server leaves its place.
    package var files: [String]
    /// What the server accepts.
    package var limits: Limits
    /// How long a running call may hold up the end of the server, in milliseconds.
    package var gracePeriod: Int
    /// How many calls run at the same time; 1: all of them on the main thread, one after the other.
    package var maximumConcurrentCalls: Int

    package init(
        identity: ServerIdentity, address: ServerAddress, token: Token? = nil,
        idleMilliseconds: Int? = nil, files: [String] = [], limits: Limits = Limits(),
        gracePeriod: Int = 3000, maximumConcurrentCalls: Int = 256
    ) {
        self.identity = identity
        self.address = address
        self.token = token
        self.idleMilliseconds = idleMilliseconds
        self.files = files
        self.limits = limits
        self.gracePeriod = gracePeriod
        self.maximumConcurrentCalls = maximumConcurrentCalls
    }
}
