/// What a user asks of a proxy, before anything is looked up.
package struct ProxyConfiguration: Sendable {
    package var package: String?
    package var python: PythonEnvironment
    package var url: String?
    package var port: Int
    package var service: String?
    package var maxConnectionAttempts: Int
    package var autoreload: Bool
    package var captureOutput: Bool
    package var path: String?
    package var workingDirectory: String?
    /// Whether a server that is started ends with this process, whatever ends it.
    package var isOwned = false

    package init(
        package: String? = nil, python: PythonEnvironment = .automatic, url: String? = nil,
        port: Int = 1753, service: String? = nil, maxConnectionAttempts: Int = 100,
        autoreload: Bool = true, captureOutput: Bool = true, path: String? = nil,
        workingDirectory: String? = nil
    ) {
        self.package = package
        self.python = python
        self.url = url
        self.port = port
        self.service = service
        self.maxConnectionAttempts = maxConnectionAttempts
        self.autoreload = autoreload
        self.captureOutput = captureOutput
        self.path = path
        self.workingDirectory = workingDirectory
    }
}
