/// What a connection knows of a call that has been admitted.
struct CallDetails {
    let byteCount: Int
    /// Gets what the call prints.
    var listener: OutputListener?
    /// The context that it runs in; nil: that of the session.
    var context: UInt64?
}
