import Logging

/// Uses a Python package for the time of a closure.
///
/// ```swift
/// let pi: Double = try await withProxy("math", python: "path/to/venv") { math in
///     try await math.pi.get()
/// }
/// ```
///
/// Joins a matching server or starts one. When `body` returns or throws, the connection is closed, and this returns
/// without waiting for the server. The server ends when its last client has left, unless a ``Proxy`` has used it.
/// A scope never ends a server that others use, and leaves no server behind, even if this program is killed.
///
/// - Parameter body: gets the proxy, which must not be used afterwards.
/// - Throws: what ``Proxy/init(_:)`` and `body` throw.
public func withProxy<Result>(
    _ configuration: ProxyConfiguration, isolation: isolated (any Actor)? = #isolation,
    _ body: (Proxy) async throws -> Result
) async throws -> Result {
    try await withProxy(configuration, context: .current, body)
}

/// Uses a Python package for the time of a closure.
///
/// As ``withProxy(_:isolation:_:)``, with the parameters of ``ProxyConfiguration``.
public func withProxy<Result>(
    _ package: String? = nil, python: PythonEnvironment = .automatic, url: String? = nil,
    port: Int = 1753, service: String? = nil, maxConnectionAttempts: Int = 100,
    autoreload: Bool = true, captureOutput: Bool = true, showsOutput: Bool = true,
    path: (any SearchPath)? = nil, workingDirectory: String? = nil,
    environment: [String: String] = [:], sharing: ServerSharing = .matching,
    maximumConcurrentCalls: Int = 256,
    expose: [String] = [], dataFiles: [String] = [],
    idleTimeout: Duration? = .seconds(3600), gracePeriod: Duration = .seconds(10),
    logger: Logger = Logger(label: "PythonProxy"),
    isolation: isolated (any Actor)? = #isolation, _ body: (Proxy) async throws -> Result
) async throws -> Result {
    try await withProxy(
        ProxyConfiguration(
            package, python: python, url: url, port: port, service: service,
            maxConnectionAttempts: maxConnectionAttempts, autoreload: autoreload,
            captureOutput: captureOutput, showsOutput: showsOutput, path: path,
            workingDirectory: workingDirectory, environment: environment, sharing: sharing,
            maximumConcurrentCalls: maximumConcurrentCalls, expose: expose,
            dataFiles: dataFiles, idleTimeout: idleTimeout,
            gracePeriod: gracePeriod, logger: logger),
        body)
}

package func withProxy<Result>(
    _ configuration: ProxyConfiguration, context: ProcessContext,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Proxy) async throws -> Result
) async throws -> Result {
    var configuration = configuration
    configuration.isScoped = true
    let proxy = try await Proxy(configuration, context: context)
    do {
        let result = try await body(proxy)
        await proxy.link.disconnect()
        return result
    } catch {
        await proxy.link.disconnect()
        throw error
    }
}
