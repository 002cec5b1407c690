/// What a client wants of a server's life. The raw values are part of the protocol.
package enum ClientRole: String, Sendable, CaseIterable {
    /// Uses the server for a scope: it may end when its last client has left.
    case scoped
    /// The server stays after this client has left, for as long as its idle time says.
    case lasting
    /// Looks after the server, and is none of its clients.
    case control
}
