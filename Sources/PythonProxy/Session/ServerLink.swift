import Logging
import ProxyTransport
import ProxyWire

/// What proxies of one session share: the connection to the server. Connects, notices that the server has died,
/// connects again.
final class ServerLink: Sendable {
    let wanted: WantedServer
    let events: ServerEvents
    /// Whether the server is told where the program makes objects.
    let tracesObjects: Bool
    private let logger: Logger
    private let target = ConditionMutex<ServerTarget?>(nil)
    /// What a server says of itself that was not started for, nor looked up by, a configuration.
    private let reportedIdentity = ConditionMutex<ServerIdentity?>(nil)
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

    init(_ wanted: WantedServer, logger: Logger) {
        self.wanted = wanted
        self.logger = logger
        tracesObjects = wanted.context.isSet("PYPROXY_TRACE_OBJECTS")
        events = ServerEvents(display: wanted.display)
    }

    deinit {
        if case .connected(let connection) = state.withLock({ $0 }) { connection.close() }
        events.finish()
    }

    /// What the server is; nil before the first connection of a proxy that connects with its first call.
    var resolvedTarget: ServerTarget? { target.withLock { $0 } }

    /// What identifies the server; nil before the first connection.
    var identity: ServerIdentity? {
        resolvedTarget?.specification?.identity ?? reportedIdentity.withLock { $0 }
    }

    // MARK: Calls

    /// A call that a server has not begun because it was ending is made again, so many times in all.
    private static let maximumAttempts = 5

    /// Makes a call on the server, which is started if need be. What it prints is shown before this returns.
    nonisolated(nonsending) func call(
        _ request: CallRequest
    ) async throws -> ValueCoding.Encoded {
        try await showingOutput { try await perform(request) }
    }

    /// Makes a call that has a meaning only where others have been made.
    nonisolated(nonsending) func call(
        _ request: CallRequest, only connection: Connection
    ) async throws -> ValueCoding.Encoded {
        try await showingOutput {
            do { return try await perform(request, on: connection) } catch let notBegun
                as Connection.NotBegun
            { throw notBegun.reason }
        }
    }

    /// Returns or throws when what has been printed is shown.
    private nonisolated(nonsending) func showingOutput(
        _ body: nonisolated(nonsending) () async throws -> ValueCoding.Encoded
    ) async throws -> ValueCoding.Encoded {
        do {
            let reply = try await body()
            await events.waitUntilShown()
            return reply
        } catch {
            await events.waitUntilShown()
            throw error
        }
    }

    private nonisolated(nonsending) func perform(
        _ request: CallRequest
    ) async throws -> ValueCoding.Encoded {
        var attempts = 0
        while true {
            attempts += 1
            do {
                return try await perform(request, on: try await connection())
            } catch let notBegun as Connection.NotBegun {
                guard attempts < Self.maximumAttempts else { throw notBegun.reason }
            }
        }
    }

    private nonisolated(nonsending) func perform(
        _ request: CallRequest, on connection: Connection
    ) async throws -> ValueCoding.Encoded {
        do {
            let reply = try await connection.call(request)
            crashes.withLock { $0.answered() }
            let home = LinkedConnection(link: self, connection: connection)
            return ValueCoding.Encoded(frame: reply, home: home)
        } catch let rejection as Rejection {
            crashes.withLock { $0.answered() }
            throw rejection.error(from: resolvedTarget)
        } catch let error as PythonError {
            crashes.withLock { $0.answered() }
            throw error
        }
    }

    /// Imports a package, so that a wrong name is noticed at once.
    func open(_ package: String?) async throws {
        guard let package else { return }
        _ = try await call(CallRequest(operation: .open, target: .name(package), arguments: []))
    }

    /// Lets the server take over changed files, and waits until it has.
    func reload(everything: Bool) async throws -> ReloadEvent {
        do {
            return try await connection().reload(everything: everything)
        } catch let rejection as Rejection {
            throw rejection.error(from: resolvedTarget)
        }
    }

    /// Records of Python's logging from `level` on, from now on and on every server to come.
    func listen(
        toLogsFrom level: PythonLogRecord.Level
    ) async throws -> AsyncStream<PythonLogRecord> {
        let stream = events.logs(from: level)
        _ = try await call(.subscription(toLogsFrom: events.logLevel ?? level))
        return stream
    }

    // MARK: The connection

    /// Whether calls go to another connection than this one, which was the current one once.
    func hasReplaced(_ connection: Connection) -> Bool {
        if case .connected(let current) = state.withLock({ $0 }) { return current !== connection }
        return true
    }

    /// The current connection, if it is open.
    var openConnection: Connection? {
        if case .connected(let connection) = state.withLock({ $0 }), connection.isOpen {
            return connection
        }
        return nil
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
        return try await valueUnlessCancelled(of: attempt)
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

    private func connect(_ attempt: UInt64) -> Task<Connection, any Error> {
        Task {
            do {
                let connection = try await establish()
                do {
                    if resolvedTarget?.specification == nil {
                        let status = try await connection.status()
                        reportedIdentity.withLock { $0 = status.identity }
                    }
                    if let level = events.logLevel {
                        _ = try await connection.call(.subscription(toLogsFrom: level))
                    }
                } catch {
                    // If the user has ended the attempt, nobody needs what it has started.
                    if Task.isCancelled, connection.started != nil {
                        _ = try? await NativeThread.run { connection.stopServer(.short) }
                    }
                    connection.close()
                    throw (error as? Connection.NotBegun)?.reason ?? error
                }
                state.withLock { state in
                    // Unless the user has ended it meanwhile; `end` then has the connection.
                    if case .connecting(_, attempt) = state { state = .connected(connection) }
                }
                return connection
            } catch {
                try state.withLock { state in
                    if case .connecting(_, attempt) = state { state = .unconnected }
                    if case .ended(let reason) = state {
                        throw ProxyError.serverUnavailable(reason)
                    }
                }
                throw error
            }
        }
    }

    private func establish() async throws -> Connection {
        let known = resolvedTarget
        let (target, established) = try await NativeThread.runCancellable {
            [wanted, logger] cancellation in
            let target = try known ?? wanted.resolve(cancellation)
            let launcher = ServerLauncher(
                target: target, logger: logger, cancellation: cancellation)
            return (target, try launcher.join())
        }
        self.target.withLock { $0 = target }
        return try Connection(established, events: events, logger: logger)
    }

    // MARK: Start and stop

    /// Connects, starting the server if it does not run, even if the user has ended it before.
    func start() async throws {
        crashes.withLock { $0.answered() }
        state.withLock { if case .ended = $0 { $0 = .unconnected } }
        events.reopen()
        _ = try await connection()
    }

    func disconnect() async {
        defer { events.finish() }
        guard
            let connection = await end("the proxy is disconnected; startServer() connects it again")
        else { return }
        connection.close()
        // Until it has cleaned up after a server that has died: nothing is left to come.
        try? await NativeThread.run { connection.waitUntilClosed() }
        await events.waitUntilShown()
    }

    func stopServer() async {
        guard
            let connection = await end("the server was stopped; startServer() starts it again")
        else { return }
        // Only the thread can fail to start; the connection is closed all the same.
        _ = try? await NativeThread.run { connection.stopServer() }
        connection.close()
    }

    /// Undoes a start that has failed, or that nobody waits for any more. A server that was started for it, and
    /// that no other client has joined, is stopped; it does not get the time to finish what it does.
    func abandon() async {
        // A task of its own: the current one may be cancelled.
        await Task {
            defer { events.finish() }
            guard let connection = await end("the proxy could not be made") else { return }
            if connection.started != nil, await !Self.hasOtherClients(connection) {
                _ = try? await NativeThread.run { connection.stopServer(.short) }
            }
            connection.close()
            try? await NativeThread.run { connection.waitUntilClosed() }
        }.value
    }

    private static func hasOtherClients(_ connection: Connection) async -> Bool {
        let status = try? await Deadline.run(within: .seconds(1)) { try await connection.status() }
        return status.map { !$0.clients.isEmpty } ?? false
    }

    /// Ends the bond. Returns the connection that there was, or that was just being made.
    private func end(_ reason: String) async -> Connection? {
        let previous = state.withLock { state in
            defer { state = .ended(reason) }
            return state
        }
        switch previous {
        case .connected(let connection): return connection
        case .connecting(let task, _):
            // A server that is being started is not needed any more.
            task.cancel()
            return try? await task.value
        case .unconnected, .ended: return nil
        }
    }
}

// Whatever is printed or dumped of a proxy or of an object ends here: behind it are the variables of the environment.
extension ServerLink: CustomReflectable {
    var customMirror: Mirror { Mirror(self, children: []) }
}
