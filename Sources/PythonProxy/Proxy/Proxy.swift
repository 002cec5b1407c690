import Logging
import ProxyWire

/// A Python package on a server, to be called like a Swift object.
///
/// ```swift
/// let numerical = try await Proxy("compas.numerical", python: "path/to/venv")
/// let (xyz, q, f, l, r): (NDArray<Double>, NDArray<Double>, NDArray<Double>, NDArray<Double>, NDArray<Double>) =
///     try await numerical.fd_numpy(vertices, edges, fixed, q, loads)
/// await numerical.stopServer()
/// ```
///
/// The server is a process of its own that embeds the interpreter of the environment. It is found by
/// what it is: a proxy joins a running server that has what ``ProxyConfiguration`` says, and starts one
/// otherwise. It stays for the next proxy unless it is stopped; see
/// ``withProxy(_:isolation:_:)`` for one that does not. If the server dies, the calls that wait throw
/// ``ProxyError/serverCrashed(signal:lastOutput:)`` and the next call starts a new one.
///
/// Every name that is none of the few members below is Python's; `proxy["server"]` is Python's, too.
/// What concerns the process is on ``server``.
///
/// A proxy may be used from any task or thread, and makes any number of calls at a time.
@dynamicMemberLookup
public final class Proxy: Sendable {
    let link: ServerLink
    /// What the names of calls are relative to.
    public let package: String?

    init(link: ServerLink, package: String?) {
        self.link = link
        self.package = package
    }

    // MARK: Making one

    /// Connects to the server for a package, starting it if need be, and imports the package.
    ///
    /// If the task is cancelled, this ends at once, and leaves no server behind that was started for it.
    ///
    /// - Throws: `ProxyError` if the environment cannot be used or the server not be started;
    ///   `PythonError` if importing the package raises; `CancellationError`.
    public convenience init(_ configuration: ProxyConfiguration) async throws {
        try await self.init(configuration, context: .current)
    }

    package convenience init(
        _ configuration: ProxyConfiguration, context: ProcessContext
    ) async throws {
        self.init(
            link: ServerLink(
                .matching(configuration, context), logger: configuration.logger),
            package: configuration.package)
        try await connect()
    }

    /// Connects to the server for a package, starting it if need be, and imports the package.
    ///
    /// As ``init(_:)``, with the parameters of ``ProxyConfiguration``.
    public convenience init(
        _ package: String? = nil, python: PythonEnvironment = .automatic, url: String? = nil,
        port: Int = 1753, service: String? = nil, maxConnectionAttempts: Int = 100,
        autoreload: Bool = true, captureOutput: Bool = true, showsOutput: Bool = true,
        path: (any SearchPath)? = nil, workingDirectory: String? = nil,
        environment: [String: String] = [:], sharing: ServerSharing = .matching,
        maximumConcurrentCalls: Int = 256,
        expose: [String] = [], dataFiles: [String] = [],
        idleTimeout: Duration? = .seconds(3600), gracePeriod: Duration = .seconds(10),
        logger: Logger = Logger(label: "PythonProxy")
    ) async throws {
        try await self.init(
            ProxyConfiguration(
                package, python: python, url: url, port: port, service: service,
                maxConnectionAttempts: maxConnectionAttempts, autoreload: autoreload,
                captureOutput: captureOutput, showsOutput: showsOutput, path: path,
                workingDirectory: workingDirectory, environment: environment, sharing: sharing,
                maximumConcurrentCalls: maximumConcurrentCalls, expose: expose,
                dataFiles: dataFiles, idleTimeout: idleTimeout,
                gracePeriod: gracePeriod, logger: logger))
    }

    /// Another package on the server of a proxy, in the same session and over the same connection.
    ///
    /// What ends the connection of one proxy ends that of the other, such as ``disconnect()``.
    ///
    /// - Throws: `PythonError` if importing the package raises; what calls throw.
    public convenience init(_ package: String, on proxy: Proxy) async throws {
        self.init(link: proxy.link, package: package)
        try await link.open(package)
    }

    /// Connects to a server that runs already, whatever it is, such as one at the other end of an SSH tunnel.
    ///
    /// - Parameters:
    ///   - address: "unix:/path/name.sock" or "tcp://127.0.0.1:PORT".
    ///   - package: what the names of calls are relative to.
    ///   - tokenFile: for a TCP address, a copy of the server's token file; nil: that of this machine.
    /// - Throws: `ProxyError` if nobody answers there; `PythonError` if importing the package raises.
    public convenience init(
        connectingTo address: String, package: String? = nil, tokenFile: String? = nil,
        logger: Logger = Logger(label: "PythonProxy")
    ) async throws {
        try await self.init(
            connectingTo: address, package: package, tokenFile: tokenFile, context: .current,
            logger: logger)
    }

    package convenience init(
        connectingTo address: String, package: String?, tokenFile: String?,
        context: ProcessContext, logger: Logger = Logger(label: "PythonProxy")
    ) async throws {
        self.init(
            link: ServerLink(
                .listening(at: address, tokenFile: tokenFile, context), logger: logger),
            package: package)
        try await connect()
    }

    /// A proxy that connects with its first call, which throws what ``init(_:)`` would have thrown. The next call
    /// tries again.
    ///
    /// Since nothing can fail here, such a proxy can be a global or a stored property:
    ///
    /// ```swift
    /// let numpy = Proxy.lazy("numpy", python: "path/to/venv")
    /// ```
    public static func lazy(_ configuration: ProxyConfiguration) -> Proxy {
        lazy(configuration, context: .current)
    }

    package static func lazy(
        _ configuration: ProxyConfiguration, context: ProcessContext
    ) -> Proxy {
        Proxy(
            link: ServerLink(
                .matching(configuration, context), logger: configuration.logger),
            package: configuration.package)
    }

    /// A proxy that connects with its first call.
    ///
    /// As ``lazy(_:)``, with the parameters of ``ProxyConfiguration``.
    public static func lazy(
        _ package: String? = nil, python: PythonEnvironment = .automatic, url: String? = nil,
        port: Int = 1753, service: String? = nil, maxConnectionAttempts: Int = 100,
        autoreload: Bool = true, captureOutput: Bool = true, showsOutput: Bool = true,
        path: (any SearchPath)? = nil, workingDirectory: String? = nil,
        environment: [String: String] = [:], sharing: ServerSharing = .matching,
        maximumConcurrentCalls: Int = 256,
        expose: [String] = [], dataFiles: [String] = [],
        idleTimeout: Duration? = .seconds(3600), gracePeriod: Duration = .seconds(10),
        logger: Logger = Logger(label: "PythonProxy")
    ) -> Proxy {
        lazy(
            ProxyConfiguration(
                package, python: python, url: url, port: port, service: service,
                maxConnectionAttempts: maxConnectionAttempts, autoreload: autoreload,
                captureOutput: captureOutput, showsOutput: showsOutput, path: path,
                workingDirectory: workingDirectory, environment: environment, sharing: sharing,
                maximumConcurrentCalls: maximumConcurrentCalls, expose: expose,
                dataFiles: dataFiles, idleTimeout: idleTimeout,
                gracePeriod: gracePeriod, logger: logger))
    }

    private func connect() async throws {
        do {
            try await link.start()
            try await link.open(package)
        } catch {
            await link.abandon()
            throw error
        }
    }

    // MARK: Names

    /// A function, class or attribute of the package.
    public subscript(dynamicMember name: String) -> PythonAttribute { self[name] }

    /// A function, class or attribute of the package, by a dotted path; also one whose name is that of a
    /// member of `Proxy`.
    public subscript(path: String) -> PythonAttribute {
        attribute[attribute: path]
    }

    /// The same package, with a limit on how long a call may take.
    ///
    /// A call that takes longer throws ``ProxyError/timedOut(after:)``, at once. What becomes of it on the
    /// server is the same as for a call whose task is cancelled, see <doc:Cancellation>: if it has not begun,
    /// it never will; if it has, an exception is raised in it.
    ///
    /// - Parameters:
    ///   - timeout: nil: none.
    ///   - escalation: what to do if the call takes no note of that.
    public func with(
        timeout: Duration? = nil, escalation: Escalation = .none
    ) -> PythonAttribute {
        attribute.with(timeout: timeout, escalation: escalation)
    }

    /// The same package, whose calls pass on what they print.
    ///
    /// ```swift
    /// try await proxy.with(output: { print($0.text, terminator: "") }).solve(net)
    /// ```
    ///
    /// What the call prints is then not shown in the program's own output. What threads print after its end is.
    ///
    /// - Parameter output: gets each piece, in order and one at a time, while the call runs, on a thread of the call's
    ///   own. The call returns when it has had all. If it falls behind by more than 16 MB, the oldest are dropped,
    ///   which ``OutputChunk/droppedBytes`` counts. After a call that is cancelled or takes too long it gets nothing
    ///   any more.
    public func with(output: @escaping @Sendable (OutputChunk) -> Void) -> PythonAttribute {
        attribute.with(output: output)
    }

    /// What the names of calls are relative to.
    private var attribute: PythonAttribute {
        PythonAttribute(PythonCallee(link: link, target: .name("\(package ?? ""):")))
    }

    // MARK: The server

    /// The server: its process, what it prints, logs and reloads.
    public var server: PythonServer { PythonServer(link: link) }

    /// Ends the server, also for others that use it, and waits until it has ended.
    ///
    /// Calls that wait throw ``ProxyError/serverUnavailable(_:)``. A server that does not end by itself is
    /// killed.
    public func stopServer() async { await link.stopServer() }

    /// Connects, starts the server if it does not run, and imports the package.
    public func startServer() async throws {
        try await link.start()
        try await link.open(package)
    }

    /// Ends the server and starts a new one.
    public func restartServer() async throws {
        await link.stopServer()
        try await startServer()
    }

    /// Closes the connection and ends all streams. The calls that it runs are interrupted; the server stays.
    public func disconnect() async { await link.disconnect() }

    // MARK: For the command line

    /// Each text as Python reads it if it is JSON, otherwise as it is.
    package func parse(arguments: [String]) async throws -> [PythonValue] {
        try ValueCoding.decode(
            [PythonValue].self,
            from: try await link.call(
                CallRequest(
                    operation: .service, target: .name("parse_arguments"),
                    arguments: [("", arguments)])))
    }
}
