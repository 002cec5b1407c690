/// What a reload has done.
package struct ReloadOutcome: Sendable {
    /// For the log.
    package var line: String
    /// The payload of a `reloaded` frame.
    package var payload: [UInt8]

    package init(line: String, payload: [UInt8]) {
        self.line = line
        self.payload = payload
    }
}
