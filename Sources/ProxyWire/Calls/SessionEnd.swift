/// Why no more calls of a session come, as context managers are told that are left then.
package enum SessionEnd: String, Sendable {
    case clientLeft = "the client has left"
    case serverEnds = "the server ends"
}
