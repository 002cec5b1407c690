import Foundation
import Logging
import ProxyTransport
import ProxyWire

/// Joins the server that is meant, or starts it. Everything here blocks.
struct ServerLauncher {
    let target: ServerTarget
    let logger: Logger

    /// A connection whose handshake has succeeded.
    struct Joined {
        let channel: Channel
        let welcome: Welcome
        /// What this side accepts.
        let limits: Limits
        /// The server's process if it was started just now.
        let started: StartedServer?
    }

    func join() throws -> Joined {
        switch target {
        case .matching(let specification): return try join(specification)
        case .running(let place):
            do {
                return try connect(place, nil, started: nil, milliseconds: 10_000)
            } catch is ServerConnector.NobodyThere {
                throw ProxyError.serverUnavailable(
                    "no server listens at \(place.address); 'pyproxy list' shows those that run")
            }
        }
    }

    private func join(_ specification: ServerSpecification) throws -> Joined {
        do { return try connect(specification, started: nil) } catch is ServerConnector.NobodyThere
        {}
        // Only one client starts a server; the others then find it.
        let lock = try lock(specification)
        defer { withExtendedLifetime(lock) {} }
        do { return try connect(specification, started: nil) } catch is ServerConnector.NobodyThere
        {}
        let start = ServerStart(
            specification: specification, lockDescriptor: lock.number, logger: logger)
        let server = try start.run()
        do {
            return try connect(specification, started: server)
        } catch is ServerConnector.NobodyThere {
            throw start.failure(of: server, "it ended right after its start")
        }
    }

    private func lock(_ specification: ServerSpecification) throws -> FileLock {
        do { return try FileLock(path: specification.place.lockPath) } catch {
            throw ProxyError.serverUnavailable("\(error); name a folder that you can write to")
        }
    }

    private func connect(
        _ specification: ServerSpecification, started: StartedServer?
    ) throws -> Joined {
        try connect(
            specification.place, specification.identity, started: started,
            milliseconds: specification.maxConnectionAttempts * 100)
    }

    private func connect(
        _ place: ServerPlace, _ identity: ServerIdentity?, started: StartedServer?,
        milliseconds: Int
    ) throws -> Joined {
        let connector = ServerConnector(
            place: place, identity: identity, milliseconds: milliseconds)
        do {
            let (channel, welcome) = try connector.connect()
            return Joined(
                channel: channel, welcome: welcome, limits: connector.limits, started: started)
        } catch let error as ServerConnector.NotAnswering {
            throw error.proxyError
        }
    }
}
