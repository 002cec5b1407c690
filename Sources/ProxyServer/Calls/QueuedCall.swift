import ProxyWire

/// A request that is to be performed, with the client that wants the answer.
struct QueuedCall: Sendable {
    let session: Session
    let frame: InboundFrame
    /// What the client accepts as an answer.
    let sending: Limits

    var key: CallKey { CallKey(session: session.id, call: frame.callID) }

    /// What is called, as the client wrote it: "package:path". For people.
    var target: String {
        // SAFETY: `frame` holds the bytes while this reads them.
        var reader = frame.unsafeReader(maximumDepth: 2)
        do {
            try reader.array(count: 4)
            _ = try reader.unsigned()
            return try reader.text()
        } catch {
            return "?"
        }
    }
}
