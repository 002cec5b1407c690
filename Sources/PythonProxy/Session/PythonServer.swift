import Logging
import ProxyTransport
import ProxyWire

/// The server of a proxy: its process, what it prints, logs and reloads.
///
/// ```swift
/// for await chunk in proxy.server.output { print(chunk.text, terminator: "") }
/// let status = try await proxy.server.status()
/// ```
///
/// A plain value, the same for all proxies of a session. May be used from any task or thread.
public struct PythonServer: Sendable {
    let link: ServerLink

    // MARK: What it is

    /// Where the server listens: "unix:" and a path, or "tcp://127.0.0.1:" and a port. Empty before the first
    /// connection of ``Proxy/lazy(_:)``.
    public var address: String { link.resolvedTarget.map { "\($0.place.address)" } ?? "" }

    /// The server's process; nil while there is no connection.
    public var processIdentifier: Int32? { link.openConnection?.welcome.processIdentifier }

    /// The interpreter that the server embeds; what was asked for before the first connection of
    /// ``Proxy/lazy(_:)``.
    public var environment: PythonEnvironment {
        identity.map { PythonEnvironment($0.interpreter) } ?? link.wanted.python
    }

    /// The module whose public functions answer to bare names.
    public var service: String? { identity?.service }

    private var identity: ServerIdentity? { link.identity }

    // MARK: Questions

    /// Asks whether the server is there. It answers even while calls run.
    public nonisolated(nonsending) func ping() async throws {
        try await link.connection().ping()
    }

    /// Asks what the server is and does. It answers even while calls run.
    public func status() async throws -> Status {
        Status(try await link.connection().status())
    }

    // MARK: Reloading

    /// Reloads the project's modules now, even with autoreload off.
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

    // MARK: Streams

    /// What the server prints while the proxy is connected: each use is a new stream.
    ///
    /// While there is one, nothing is shown, see ``ProxyConfiguration/showsOutput``. One `print` is one chunk. A stream
    /// that is not read loses its oldest chunks. It ends with ``Proxy/disconnect()``, with the body of `withProxy`, and when the
    /// last proxy of the session is released; reading it keeps none of them alive.
    public var output: AsyncStream<OutputChunk> { link.events.output }

    /// What the server reloads while the proxy is connected: each use is a new stream, from now on.
    ///
    /// A stream that is not read loses the oldest of a thousand events. It ends as ``output`` does.
    public var reloads: AsyncStream<ReloadEvent> { link.events.reloads }

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

    /// Sends records of Python's `logging`, and warnings, to swift-log for as long as ``logs(from:)`` would have
    /// them.
    public func forwardLogs(
        to logger: Logger, from level: PythonLogRecord.Level = .warning
    ) async throws {
        let records = try await link.listen(toLogsFrom: level)
        Task { for await record in records { record.log(to: logger) } }
    }

    // MARK: For the command line and tests

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

    /// Whether the server was started for this session, instead of joined.
    package var wasStarted: Bool { link.openConnection?.started != nil }
}
