import Logging
import ProxyTransport
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
/// what it is: a proxy joins a running server of the same interpreter, service, path, working directory,
/// port and build, and starts one otherwise. It stays for the next proxy unless it is stopped; see
/// ``withProxy(_:python:url:port:service:maxConnectionAttempts:autoreload:captureOutput:path:workingDirectory:expose:dataFiles:maximumConcurrentCalls:idleTimeout:logger:isolation:_:)``
/// for one that does not. If the server dies, the calls that wait throw
/// ``ProxyError/serverCrashed(signal:lastOutput:)`` and the next call starts a new one.
///
/// A proxy may be used from any task or thread, and makes any number of calls at a time.
@dynamicMemberLookup
public final class Proxy: Sendable {
    let link: ServerLink
    private let identity: ConditionMutex<ServerIdentity>

    /// Connects to the server for a package, starting it if need be, and imports the package.
    ///
    /// - Parameters:
    ///   - package: what the names of calls are relative to; nil: calls give the full dotted path, or a
    ///     name of the service.
    ///   - python: the environment.
    ///   - url: where the server listens: nil for a place of its own, "unix:/path/name.sock", or
    ///     "tcp://127.0.0.1" for a TCP port of this machine.
    ///   - port: tells servers apart that are otherwise the same; the TCP port with a tcp url.
    ///   - service: a Python module that is imported when the server starts and whose public functions
    ///     answer to bare names.
    ///   - maxConnectionAttempts: how long to wait for a server that starts, in units of 100 ms.
    ///   - autoreload: whether modules of the project are reloaded when their files change, see
    ///     <doc:Reloading>. Servers that differ in it are different servers.
    ///   - captureOutput: whether what Python prints is delivered on ``output``; otherwise it goes where
    ///     this program's own output goes.
    ///   - path: a folder to put on `sys.path`.
    ///   - workingDirectory: of the server; nil: the current one. It is on `sys.path`, too.
    ///   - expose: the packages that clients of the server may call; empty for all. Servers that differ in it
    ///     are different servers.
    ///   - dataFiles: files beside the code, as patterns like "data/**/*.json" relative to the working
    ///     directory, of whose change modules are told, see <doc:Reloading>. Without effect without
    ///     `autoreload`. Servers that differ in it are different servers.
    ///   - maximumConcurrentCalls: how many calls the server runs at the same time; others wait, and clients take
    ///     turns, see <doc:Servers>. 1: every call runs on the main thread of Python, one after the other, as in a
    ///     script. Servers that differ in it are different servers.
    ///   - idleTimeout: the server ends when nobody has been connected for this time; nil: never. Who starts
    ///     the server decides.
    ///   - logger: gets messages about the server, at level debug.
    /// - Throws: `ProxyError` if the environment cannot be used or the server not be started;
    ///   `PythonError` if importing the package raises.
    public convenience init(
        _ package: String? = nil, python: PythonEnvironment = .automatic, url: String? = nil,
        port: Int = 1753, service: String? = nil, maxConnectionAttempts: Int = 100,
        autoreload: Bool = true, captureOutput: Bool = true, path: String? = nil,
        workingDirectory: String? = nil, expose: [String] = [], dataFiles: [String] = [],
        maximumConcurrentCalls: Int = 256,
        idleTimeout: Duration? = .seconds(3600), logger: Logger = Logger(label: "PythonProxy")
    ) async throws {
        let configuration = ProxyConfiguration(
            package: package, python: python, url: url, port: port, service: service,
            maxConnectionAttempts: maxConnectionAttempts, autoreload: autoreload,
            captureOutput: captureOutput, path: path, workingDirectory: workingDirectory,
            expose: expose, dataFiles: dataFiles,
            maximumConcurrentCalls: maximumConcurrentCalls, idleTimeout: idleTimeout)
        try await self.init(configuration, surroundings: .current, logger: logger)
    }

    package init(
        _ configuration: ProxyConfiguration, surroundings: Surroundings,
        logger: Logger = Logger(label: "PythonProxy")
    ) async throws {
        let specification = try await NativeThread.run {
            try ServerSpecification(configuration, surroundings)
        }
        link = ServerLink(
            target: .matching(specification), package: configuration.package, logger: logger)
        identity = ConditionMutex(specification.identity)
        do {
            try await link.start()
        } catch {
            // A server that was started just for this proxy has no use now.
            await leave()
            throw error
        }
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
            connectingTo: address, package: package, tokenFile: tokenFile, surroundings: .current,
            logger: logger)
    }

    package init(
        connectingTo address: String, package: String?, tokenFile: String?,
        surroundings: Surroundings, logger: Logger = Logger(label: "PythonProxy")
    ) async throws {
        let (place, status) = try await NativeThread.run {
            let url = try ServerPlace.normalized(address, port: 1753, surroundings)
            var place = try ServerPlace(
                normalizedURL: url, fingerprint: "", surroundings)
            if let tokenFile { place.tokenPath = surroundings.absolute(tokenFile) }
            return (place, try ControlConnection(to: place).status())
        }
        link = ServerLink(target: .running(place), package: package, logger: logger)
        identity = ConditionMutex(status.identity)
        do {
            try await link.start()
        } catch {
            await disconnect()
            throw error
        }
    }

    // MARK: What it is

    /// Where the server listens, as "unix:" and a path.
    public var address: String { "\(link.target.place.address)" }

    /// What the names of calls are relative to.
    public var package: String? { link.package }

    /// The interpreter that the server embeds.
    public var python: PythonEnvironment {
        PythonEnvironment(identity.withLock { $0.interpreter })
    }

    /// The module whose public functions answer to bare names.
    public var service: String? { identity.withLock { $0.service } }

    /// The server's process; nil while there is no connection.
    public var processIdentifier: Int32? { link.openConnection?.welcome.processIdentifier }

    // MARK: Names

    /// A function, class or attribute of the package.
    public subscript(dynamicMember name: String) -> PythonAttribute { self[name] }

    /// A function, class or attribute of the package, by a dotted path; also one whose name is that of a
    /// member of `Proxy`.
    public subscript(path: String) -> PythonAttribute {
        PythonAttribute(link: link, path: path, timeout: nil, escalation: .none)
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
        PythonAttribute(link: link, path: "", timeout: timeout, escalation: escalation)
    }

    // MARK: The server

    /// What the server prints while this proxy is connected: each use is a new stream.
    ///
    /// What was printed before the first one began is kept, up to a megabyte. A stream that is not read
    /// loses its oldest chunks. It ends with ``disconnect()``, with the body of `withProxy`, and when the proxy is
    /// released.
    public var output: AsyncStream<OutputChunk> { link.output.listen() }

    /// Records of Python's `logging`, and warnings, from a level on, also on servers that are started later.
    ///
    /// Python's root logger lets pass what is at least a warning; its level is lowered to `level` if need be.
    /// Warnings, and records that no handler of Python's would take, are then not printed as well. A stream
    /// that is not read loses the oldest of ten thousand records. It ends as ``output`` does.
    public func logs(
        from level: PythonLogRecord.Level = .warning
    ) async throws -> AsyncStream<PythonLogRecord> {
        try await link.listen(toLogsFrom: level)
    }

    /// Sends records of Python's `logging`, and warnings, to swift-log until ``disconnect()``.
    public func forwardLogs(
        to logger: Logger, from level: PythonLogRecord.Level = .warning
    ) async throws {
        let records = try await link.listen(toLogsFrom: level)
        Task { for await record in records { record.log(to: logger) } }
    }

    /// What the server reloads while this proxy is connected: each use is a new stream, from now on.
    ///
    /// A stream that is not read loses the oldest of a thousand events. It ends as ``output`` does.
    public var reloads: AsyncStream<ReloadEvent> { link.reloads.listen() }

    /// Lets the server load the modules of the project again, without waiting for their files to change, and
    /// whether it does so by itself or not.
    ///
    /// It begins when no call runs; calls that are made meanwhile wait for it, but not longer than five seconds
    /// for those that run.
    ///
    /// - Parameter onlyChanged: whether modules whose files are as they were stay as they are.
    /// - Returns: what has become of which module. The error of a module is not thrown but in the event.
    @discardableResult
    public func reload(onlyChanged: Bool = false) async throws -> ReloadEvent {
        try await link.reload(everything: !onlyChanged)
    }

    /// Asks whether the server is there. It answers even while calls run.
    public nonisolated(nonsending) func ping() async throws {
        try await link.connection().ping()
    }

    /// Ends the server, also for others that use it, and waits until it has ended.
    ///
    /// Calls that wait throw ``ProxyError/serverUnavailable(_:)``. A server that does not end by itself is
    /// killed.
    public func stopServer() async { await link.stopServer() }

    /// Connects, and starts the server if it does not run.
    public func startServer() async throws { try await link.start() }

    /// Ends the server and starts a new one.
    public func restartServer() async throws {
        await link.stopServer()
        try await link.start()
    }

    /// Waits until the current connection has ended, for instance because the server has.
    package func waitUntilDisconnected() async throws {
        guard let connection = link.openConnection else { return }
        try await NativeThread.run { connection.waitUntilClosed() }
    }

    /// Waits until the server has answered all calls, also those that were cancelled.
    package func waitUntilSettled() async throws {
        guard let connection = link.openConnection else { return }
        try await NativeThread.run { connection.waitUntilSettled() }
    }

    /// Whether this proxy has started its server, instead of joining it.
    package var hasStartedServer: Bool { link.openConnection?.started != nil }

    /// Each text as Python reads it if it is JSON, otherwise as it is.
    package func parse(arguments: [String]) async throws -> [PythonValue] {
        try ValueCoding.decode(
            [PythonValue].self,
            from: try await link.call(
                CallRequest(
                    operation: .service, target: "parse_arguments", arguments: [("", arguments)])))
    }

    /// Closes the connection and ends all streams. The calls that it runs are interrupted; the server stays.
    public func disconnect() async { await link.disconnect() }
}
