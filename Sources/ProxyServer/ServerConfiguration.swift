import ProxyTransport
import ProxyWire

/// How a server is to serve.
package struct ServerConfiguration: Sendable {
    /// What makes this server this one.
    package var identity: ServerIdentity
    package var address: ServerAddress
    /// Descriptors of connections that the server has inherited. It takes them over.
    package var connections: [Int32]
    /// What clients must know; nil if being connected is proof enough.
    package var token: Token?
    /// A server that lasting clients have used ends when it has had no client for this time, in milliseconds;
    /// nil: never.
    package var idleMilliseconds: Int?
    /// How long a server waits for its first client, in milliseconds.
    package var firstClientMilliseconds: Int
    /// Files that go with the socket when the server leaves its place.
    package var files: [String]
    /// What the server accepts.
    package var limits: Limits
    /// How long a running call may hold up the end of the server, in milliseconds.
    package var gracePeriod: Int
    /// How many calls run at the same time; 1: all of them on the main thread, one after the other.
    package var maximumConcurrentCalls: Int

    package init(
        identity: ServerIdentity, address: ServerAddress, connections: [Int32] = [],
        token: Token? = nil,
        idleMilliseconds: Int? = nil, firstClientMilliseconds: Int = 10_000, files: [String] = [],
        limits: Limits = Limits(),
        gracePeriod: Int = 10_000, maximumConcurrentCalls: Int = 256
    ) {
        self.identity = identity
        self.address = address
        self.connections = connections
        self.token = token
        self.idleMilliseconds = idleMilliseconds
        self.firstClientMilliseconds = firstClientMilliseconds
        self.files = files
        self.limits = limits
        self.gracePeriod = gracePeriod
        self.maximumConcurrentCalls = maximumConcurrentCalls
    }
}
