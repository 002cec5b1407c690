/// Who may use a server.
public enum ServerSharing: Sendable, Equatable {
    /// All clients of this user that mean the same server.
    case matching
    /// Only the proxy that has started it, and those on the same session: nobody else finds it, or can connect. It
    /// ends when they have left.
    case `private`
}
