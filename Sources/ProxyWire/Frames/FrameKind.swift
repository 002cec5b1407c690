/// What a frame carries. The raw values are part of the protocol.
package enum FrameKind: UInt8, Sendable, CaseIterable {
    // Handshake.
    /// Client: protocol version, identity of the server that is meant, limits.
    case hello = 1
    /// Server: accepted; process, Python version, limits.
    case welcome = 2
    /// Server: the handshake is refused, with a reason; the connection is closed.
    case refusal = 3
    /// Either side: the connection is closed, with a reason.
    case goodbye = 4

    // Calls. The header's call id tells calls of one connection apart.
    /// Client: call a function, or read or write an attribute.
    case call = 16
    /// Client: the result is no longer wanted. Empty, or the time after which the server is to be killed.
    case cancel = 17
    /// Server: the result.
    case reply = 18
    /// Server: Python raised.
    case failure = 19
    /// Server: the call could not be made, or its result could not be sent.
    case rejection = 20

    /// Client: objects that stay on the server are no longer used.
    case drop = 21

    // Control, answered without Python.
    /// Client: are you there?
    case ping = 32
    /// Server: yes. Carries the ping's call id.
    case pong = 33
    /// Client: end the server.
    case shutdown = 34
    /// Client: what are you doing? Answered with a reply.
    case status = 35
    /// Client: interrupt a running call, also one of another client. Answered with a reply.
    case interrupt = 36
    /// Client: send me whatever is printed, also by calls of others.
    case observe = 37
    /// Client: take over changed files now. Answered with a reply.
    case reload = 38

    // Events.
    /// Server: bytes that were written to standard output or standard error.
    case output = 48
    /// Server: a record of Python's logging module, or a warning.
    case log = 49
    /// Server: changed files have been taken over.
    case reloaded = 50

    // Shared memory. Between the channels of the two sides.
    /// Either side: a new segment, whose descriptor comes with the first byte of the frame.
    case segment = 64
    /// Either side: a segment of the other side's is no longer used.
    case release = 65
    /// Either side: a segment of its own will not be used again.
    case forget = 66
    /// Either side: as `release`, but the segment must not be filled again, because somebody else still sees
    /// it.
    case retire = 67
}
