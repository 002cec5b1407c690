import ProxyWire

/// What was written to a stream in one go.
struct CapturedChunk {
    let stream: Output.Stream
    /// Nil if no call is known to have written it.
    let call: CallKey?
    let bytes: [UInt8]
}
