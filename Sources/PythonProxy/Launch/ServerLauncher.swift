import Foundation
import Logging
import ProxyTransport
import ProxyWire

/// Joins the server that is meant, or starts it. Everything here blocks.
struct ServerLauncher {
    let target: ServerTarget
    let logger: Logger
    let cancellation: CancellationFlag

    /// - Throws: `ProxyError`, or `CancellationError` at once when the flag is set; nothing is left then of a
    ///   server that was being started.
    func join() throws -> EstablishedConnection {
        switch target {
        case .matching(let specification) where specification.isPrivate:
            return try startPrivate(specification)
        case .matching(let specification): return try join(specification)
        case .running(let place):
            do {
                return try connect(place, nil, .lasting, milliseconds: 10_000)
            } catch let error as ServerConnector.NobodyThere {
                throw error.proxyError
            }
        }
    }

    private func join(_ specification: ServerSpecification) throws -> EstablishedConnection {
        do { return try connect(specification) } catch is ServerConnector.NobodyThere {}
        // Only one client starts a server; the others then find it.
        let lock = try lock(specification)
        defer { withExtendedLifetime(lock) {} }
        do { return try connect(specification) } catch is ServerConnector.NobodyThere {}
        let start = ServerStart(
            specification: specification, place: specification.place,
            inheritance: .lock(lock.number), logger: logger, cancellation: cancellation)
        let server = try start.run()
        do {
            var connection = try connect(specification)
            connection.started = server
            return connection
        } catch {
            throw failure(error, of: server, start)
        }
    }

    /// A server of this client's own, which inherits its connections.
    private func startPrivate(
        _ specification: ServerSpecification
    ) throws -> EstablishedConnection {
        let place = specification.nextPlace()
        let calls = try SocketPair()
        let control = try SocketPair()
        let start = ServerStart(
            specification: specification, place: place,
            inheritance: .connections([calls.far.number, control.far.number]), logger: logger,
            cancellation: cancellation)
        let server = try start.run()
        do {
            // The server has the other ends.
            let callsEnd = calls.takeNear()
            let controlEnd = control.takeNear()
            func connect(
                over descriptor: consuming Descriptor, as role: ClientRole
            ) throws -> EstablishedConnection {
                try ServerConnector(
                    place: place, identity: specification.identity,
                    milliseconds: specification.maxConnectionAttempts * 100, role: role,
                    cancellation: cancellation
                ).connect(over: descriptor, to: server.identifier)
            }
            var connection = try connect(over: callsEnd, as: specification.role)
            connection.control = .init(try connect(over: controlEnd, as: .control))
            connection.started = server
            return connection
        } catch {
            throw failure(error, of: server, start)
        }
    }

    /// The error for a server that was started, but cannot be connected to. A server that still runs is ended.
    private func failure(
        _ error: any Error, of server: ChildProcess, _ start: ServerStart
    ) -> any Error {
        switch error {
        case is ServerConnector.NobodyThere:
            return start.failure(of: server, "it ended right after its start")
        case is CancellationError:
            start.abandon(server)
            return error
        case let error as ServerConnector.NotAnswering:
            start.abandon(server)
            return error.proxyError
        default: return error
        }
    }

    private func lock(_ specification: ServerSpecification) throws -> FileLock {
        do {
            return try FileLock(
                path: specification.place.lockPath, cancellation: cancellation)
        } catch let error as SystemError {
            throw ProxyError.serverUnavailable("\(error); name a folder that you can write to")
        }
    }

    private func connect(_ specification: ServerSpecification) throws -> EstablishedConnection {
        try connect(
            specification.place, specification.identity, specification.role,
            milliseconds: specification.maxConnectionAttempts * 100)
    }

    private func connect(
        _ place: ServerPlace, _ identity: ServerIdentity?, _ role: ClientRole, milliseconds: Int
    ) throws -> EstablishedConnection {
        let connector = ServerConnector(
            place: place, identity: identity, milliseconds: milliseconds, role: role,
            cancellation: cancellation)
        do { return try connector.connect() } catch let error as ServerConnector.NotAnswering {
            throw error.proxyError
        }
    }
}
