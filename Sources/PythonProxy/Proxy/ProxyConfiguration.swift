/// What a user asks of a proxy, before anything is looked up.
package struct ProxyConfiguration: Sendable {
    package var package: String?
    package var python: PythonEnvironment = .automatic
    package var url: String?
    package var port = 1753
    package var service: String?
    package var maxConnectionAttempts = 100
    package var autoreload = true
    package var captureOutput = true
    package var path: String?
    package var workingDirectory: String?
    /// Whether a server that is started ends with this process, whatever ends it.
    package var isOwned = false

    package init() {}
}
