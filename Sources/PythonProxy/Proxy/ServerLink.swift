import Logging
import ProxyTransport
import ProxyWire

/// A proxy's bond to its server: connects, notices that the server has died, connects again.
final class ServerLink: Sendable {
    let target: ServerTarget
    let package: String?
    let output = OutputBroadcast()
    let logs = LogBroadcast()
    let reloads = ReloadBroadcast()
    private let logger: Logger
    private let crashes = ConditionMutex(CrashHistory())
    private let state = ConditionMutex(State.unconnected)
    private let lastAttempt = ConditionMutex<UInt64>(0)

    /// Transitions: `unconnected` becomes `connecting` with the next call; `connecting` becomes `connected`
    /// or, if that fails, `unconnected`; `connected` becomes `connecting` with the next call after the
    /// server has died. The user's word makes it `ended`, and only the user's word leaves that.
    private enum State {
        case unconnected
        /// The number tells attempts apart: one that the user has ended may still be under way.
        case connecting(Task<Connection, any Error>, attempt: UInt64)
        case connected(Connection)
        /// With what to tell whoever calls all the same.
        case ended(String)
    }

    init(target: ServerTarget, package: String?, logger: Logger) {
        self.target = target
        self.package = package
        self.logger = logger
    }

    deinit {
        if case .connected(let connection) = state.withLock({ $0 }) { connection.close() }
        endStreams()
    }

    /// Ends all streams of output, log records and reloads. New ones begin after `start`.
    func endStreams() {
        output.finish()
        logs.finish()
        reloads.finish()
    }

    // MARK: Calls

    /// A call that a server has not begun because it was ending is made again, so many times in all.
    private static let maximumAttempts = 5

    /// Makes a call on the server, which is started if need be.
    nonisolated(nonsending) func call(_ request: CallRequest) async throws -> InboundFrame {
        var attempts = 0
        while true {
            attempts += 1
            do {
                let reply = try await connection().call(request)
                crashes.withLock { $0.answered() }
                return reply
            } catch let rejection as Rejection {
                crashes.withLock { $0.answered() }
                throw error(for: rejection)
            } catch let error as PythonError {
                crashes.withLock { $0.answered() }
                throw error
            } catch let notBegun as Connection.NotBegun {
                guard attempts < Self.maximumAttempts else { throw notBegun.reason }
            }
        }
    }

    /// The open connection; a new one if the server has died.
    nonisolated(nonsending) func connection() async throws -> Connection {
        let attempt: Task<Connection, any Error>
        switch try state.withLock({ try next(&$0) }) {
        case .connected(let connection): return connection
        case .connecting(let task, _): attempt = task
        case .ended(let reason): throw ProxyError.serverUnavailable(reason)
        case .unconnected: throw ProxyError.serverUnavailable("there is no connection")
        }
        return try await Self.value(of: attempt)
    }

    /// The result of an attempt, which goes on if the caller is cancelled: others may wait for it.
    private static nonisolated(nonsending) func value(of attempt: Task<Connection, any Error>)
        async throws -> Connection
    {
        let waiting = ConditionMutex<CheckedContinuation<Connection, any Error>?>(nil)
        @Sendable func resume(_ result: Result<Connection, any Error>) {
            let continuation = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            continuation?.resume(with: result)
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiting.withLock { $0 = continuation }
                if Task.isCancelled { return resume(.failure(CancellationError())) }
                Task { resume(await attempt.result) }
            }
        } onCancel: {
            resume(.failure(CancellationError()))
        }
    }

    /// The current connection, if it is open.
    var openConnection: Connection? {
        if case .connected(let connection) = state.withLock({ $0 }), connection.isOpen {
            return connection
        }
        return nil
    }

    /// Imports the package, so that a wrong name is noticed at once.
    func openPackage() async throws {
        guard let package else { return }
        _ = try await call(CallRequest(operation: .open, target: package, arguments: []))
    }

    private func next(_ state: inout State) throws -> State {
        switch state {
        case .connected(let connection) where connection.isOpen: break
        case .connecting, .ended: break
        case .connected, .unconnected:
            try noteCrash(of: state)
            let attempt = lastAttempt.withLock { number in
                number += 1
                return number
            }
            state = .connecting(connect(attempt), attempt: attempt)
        }
        return state
    }

    /// - Throws: `ProxyError.serverUnavailable` if the server has crashed so often that a pause is due.
    private func noteCrash(of state: State) throws {
        let now = ContinuousClock.now
        if case .connected(let connection) = state, let error = connection.crash {
            crashes.withLock { $0.crashed(connection, with: error, at: now) }
        }
        if let refusal = crashes.withLock({ $0.refusal(at: now) }) { throw refusal }
    }

    private func error(for rejection: Rejection) -> any Error {
        switch rejection.reason {
        case .conversion:
            return ProxyError.conversion(
                ConversionError(rejection.message, place: rejection.place))
        case .packageNotInstalled:
            guard let facts = target.specification?.environment.facts else {
                return ProxyError.environment(
                    EnvironmentError(
                        .packageNotInstalled,
                        "there is no package \(rejection.message) in the environment of the server at "
                            + "\(target.place.address); install it there"))
            }
            return ProxyError.environment(
                EnvironmentError(
                    .packageNotInstalled,
                    "there is no package \(rejection.message) in the environment \(facts.prefix) "
                        + "(Python \(facts.version)); install it with '\(facts.executable) -m pip "
                        + "install \(rejection.message)', or, if it is a module of yours, name its "
                        + "folder with path:"))
        case .cancelled: return CancellationError()
        case .malformed: return ProxyError.protocolViolation(rejection.message)
        case .shutdown, .other: return ProxyError.serverUnavailable(rejection.message)
        }
    }

    // MARK: Reloading

    /// Lets the server take over changed files, and waits until it has.
    func reload(everything: Bool) async throws -> ReloadEvent {
        do {
            return try await connection().reload(everything: everything)
        } catch let rejection as Rejection {
            throw error(for: rejection)
        }
    }

    // MARK: Logs

    /// Records of Python's logging from `level` on, from now on and on every server to come.
    func listen(
        toLogsFrom level: PythonLogRecord.Level
    ) async throws -> AsyncStream<PythonLogRecord> {
        let stream = logs.listen(level)
        _ = try await call(.subscription(toLogsFrom: logs.level ?? level))
        return stream
    }

    // MARK: Start and stop

    /// Connects, starting the server if it does not run, even if the user has ended it before.
    func start() async throws {
        crashes.withLock { $0.answered() }
        state.withLock { if case .ended = $0 { $0 = .unconnected } }
        output.reopen()
        logs.reopen()
        reloads.reopen()
        _ = try await connection()
        try await openPackage()
    }

    func disconnect() async {
        defer { endStreams() }
        guard
            let connection = await end("the proxy is disconnected; startServer() connects it again")
        else { return }
        connection.close()
        // Until it has cleaned up after a server that has died: nothing is left to come.
        try? await NativeThread.run { connection.waitUntilClosed() }
    }

    func stopServer() async {
        guard
            let connection = await end("the server was stopped; startServer() starts it again")
        else { return }
        // Only the thread can fail to start; the connection is closed all the same.
        try? await NativeThread.run { connection.stopServer() }
        connection.close()
    }

    /// Ends the bond. Returns the connection that there was, or that was just being made.
    private func end(_ reason: String) async -> Connection? {
        let previous = state.withLock { state in
            defer { state = .ended(reason) }
            return state
        }
        switch previous {
        case .connected(let connection): return connection
        // If the attempt fails there is nothing to end; whoever waits for it gets the error.
        case .connecting(let task, _): return try? await task.value
        case .unconnected, .ended: return nil
        }
    }

    private func connect(_ attempt: UInt64) -> Task<Connection, any Error> {
        Task { [target, logger, output, logs, reloads] in
            do {
                let joined = try await NativeThread.run {
                    try ServerLauncher(target: target, logger: logger).join()
                }
                let connection = try Connection(
                    joined, place: target.place, output: output, logs: logs, reloads: reloads,
                    logger: logger)
                do {
                    if let level = logs.level {
                        _ = try await connection.call(.subscription(toLogsFrom: level))
                    }
                } catch {
                    connection.close()
                    throw (error as? Connection.NotBegun)?.reason ?? error
                }
                state.withLock { state in
                    // Unless the user has ended it meanwhile; `end` then has the connection.
                    if case .connecting(_, attempt) = state { state = .connected(connection) }
                }
                return connection
            } catch {
                state.withLock { state in
                    if case .connecting(_, attempt) = state { state = .unconnected }
                }
                throw error
            }
        }
    }
}
