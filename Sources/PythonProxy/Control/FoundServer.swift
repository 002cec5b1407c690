import Foundation
import ProxyTransport
import ProxyWire

/// A server of this user that runs, found by its files. Everything here blocks.
package struct FoundServer: Sendable {
    package let place: ServerPlace
    /// Nil if the server does not answer.
    package let status: ServerStatus?
    package let processIdentifier: Int32?

    /// How long a server may take to answer before it is taken for hung.
    private static let answerMilliseconds = 2000

    /// All servers in the runtime directory. What dead ones have left is removed.
    package static func all(_ surroundings: Surroundings) throws -> [FoundServer] {
        let directory = try RuntimeDirectory(surroundings)
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            .compactMap { ServerPlace(found: $0, in: directory) }
            .compactMap { server(at: $0) }
    }

    /// Nil if there is none.
    private static func server(at place: ServerPlace) -> FoundServer? {
        do {
            let control = try ControlConnection(
                connectingTo: place, milliseconds: answerMilliseconds)
            defer { control.close() }
            // It may have stopped answering just now.
            return FoundServer(
                place: place, status: try? control.status(),
                processIdentifier: control.processIdentifier)
        } catch is ServerConnector.NobodyThere {
            ServerTraces.remove(of: place)
            return nil
        } catch let error as ServerConnector.NotAnswering {
            return FoundServer(place: place, status: nil, processIdentifier: error.process)
        } catch {
            return FoundServer(place: place, status: nil, processIdentifier: nil)
        }
    }

    /// Ends the server: first kindly, then with signals to all processes of its group.
    ///
    /// - Returns: false if it still runs.
    package func stop() -> Bool {
        // Its end is seen by that of a connection; a hung process is connected to as well.
        guard let descriptor = try? place.address.connect() else { return true }
        let watch = Channel(descriptor, payloadLimit: Limits.handshakeLength)
        defer { watch.close() }
        if status != nil,
            let control = try? ControlConnection(
                connectingTo: place, milliseconds: Self.answerMilliseconds)
        {
            control.shutdown()
            if control.waitForEnd(milliseconds: 4000) { return cleaned() }
        }
        guard let peer = PeerProcess(of: watch.number) else { return false }
        for (signal, milliseconds) in [(SIGTERM, 1000), (SIGKILL, 4000)] {
            peer.send(signal)
            if watch.waitForEnd(milliseconds: milliseconds) { return cleaned() }
        }
        return false
    }

    private func cleaned() -> Bool {
        ServerTraces.remove(of: place)
        return true
    }

    /// What a proxy needs that is to start this server again.
    package func configuration(_ surroundings: Surroundings) -> (ProxyConfiguration, Surroundings)?
    {
        guard let identity = status?.identity else { return nil }
        var configuration = ProxyConfiguration(
            python: PythonEnvironment(identity.interpreter),
            url: identity.url.isEmpty ? nil : identity.url, port: identity.port,
            service: identity.service, autoreload: identity.autoreload,
            captureOutput: identity.captureOutput, path: identity.path,
            workingDirectory: identity.workingDirectory, expose: identity.exposed,
            dataFiles: identity.dataFiles,
            maximumConcurrentCalls: identity.maximumConcurrentCalls)
        configuration.isOwned = false
        var surroundings = surroundings
        // The same executable: path, then size and time.
        let parts = identity.build.split(separator: "-", omittingEmptySubsequences: false)
        surroundings.variables["PYPROXY_SERVER"] = parts.dropLast(2).joined(separator: "-")
        return (configuration, surroundings)
    }
}
