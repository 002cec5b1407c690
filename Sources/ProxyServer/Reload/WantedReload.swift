/// What the next reload is to look at, and who waits for it.
struct WantedReload: Sendable {
    struct Request: Sendable {
        let session: Session
        let callID: UInt64
    }

    /// Files and folders that have changed; the empty path stands for all.
    var paths: Set<String> = []
    /// Whether all modules are to be loaded again, changed or not.
    var everything = false
    var requests: [Request] = []
}
