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
    /// The packages that clients of the server may call; empty for all.
    package var expose: [String]
    /// Patterns of files beside the code whose change matters.
    package var dataFiles: [String]
    /// How many calls a server runs at the same time.
    package var maximumConcurrentCalls: Int
    /// A server that stays ends when nobody has been connected for this time; nil: never.
    package var idleTimeout: Duration?
    /// Whether a server that is started ends with this process, whatever ends it.
    package var isOwned = false

    /// Enough for calls that wait, such as those of a web server; see the decision records.
    package static let defaultMaximumConcurrentCalls = 256

    package init(
        package: String? = nil, python: PythonEnvironment = .automatic, url: String? = nil,
        port: Int = 1753, service: String? = nil, maxConnectionAttempts: Int = 100,
        autoreload: Bool = true, captureOutput: Bool = true, path: String? = nil,
        workingDirectory: String? = nil, expose: [String] = [], dataFiles: [String] = [],
        maximumConcurrentCalls: Int = Self.defaultMaximumConcurrentCalls,
        idleTimeout: Duration? = .seconds(3600)
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
        self.expose = expose
        self.dataFiles = dataFiles
        self.maximumConcurrentCalls = maximumConcurrentCalls
        self.idleTimeout = idleTimeout
    }
}
