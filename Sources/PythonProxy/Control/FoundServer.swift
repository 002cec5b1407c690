import Foundation
import ProxyTransport
import ProxyWire

/// A server of this user that runs, found by its files.
package struct FoundServer: Sendable {
    package let place: ServerPlace
    /// Nil if the server does not answer.
    package let status: ServerStatus?
    package let processIdentifier: Int32?

    /// Whether only the program that has started the server can connect to it.
    package var isPrivate: Bool { place.isPrivate }

    /// How long a server may take to answer before it is taken for hung.
    private static let answerMilliseconds = 2000

    /// All servers in the runtime directory, by their files' names. What dead ones have left is removed.
    package static func all(_ context: ProcessContext) async throws -> [FoundServer] {
        let directory = try RuntimeDirectory(context)
        let places = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            .compactMap { ServerPlace(found: $0, in: directory) }
        // All at once: those that do not answer take their time.
        return try await withThrowingTaskGroup(of: (Int, FoundServer?).self) { group in
            for (index, place) in places.enumerated() {
                group.addTask { (index, try await server(at: place)) }
            }
            var found: [(Int, FoundServer)] = []
            for try await (index, server) in group {
                if let server { found.append((index, server)) }
            }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// Nil if there is none.
    private static func server(at place: ServerPlace) async throws -> FoundServer? {
        if place.isPrivate {
            guard let record = ServerRecord(path: place.recordPath), record.isAlive else {
                try await NativeThread.run { place.removeRemains() }
                return nil
            }
            return FoundServer(place: place, status: nil, processIdentifier: record.process)
        }
        do {
            let control = try await ControlConnection(
                connectingTo: place, milliseconds: answerMilliseconds)
            defer { control.close() }
            // It may have stopped answering just now.
            return FoundServer(
                place: place, status: try? await control.status(),
                processIdentifier: control.processIdentifier)
        } catch is ServerConnector.NobodyThere {
            try await NativeThread.run { place.removeRemains() }
            return nil
        } catch let error as ServerConnector.NotAnswering {
            return FoundServer(place: place, status: nil, processIdentifier: error.process)
        } catch let error as CancellationError {
            throw error
        } catch {
            return FoundServer(place: place, status: nil, processIdentifier: nil)
        }
    }

    /// Ends the server.
    ///
    /// - Returns: false if it runs on all the same.
    package func stop() async throws -> Bool {
        if isPrivate { return try await stopPrivate() }
        // Its end is seen by that of a connection; a hung process is connected to as well.
        guard let descriptor = try? place.address.connect() else { return true }
        let watch = Channel(descriptor, payloadLimit: Limits.handshakeLength)
        defer { watch.close() }
        let control: ControlConnection? =
            if status == nil { nil } else {
                try? await ControlConnection(
                    connectingTo: place, milliseconds: Self.answerMilliseconds)
            }
        let isStopped = try await NativeThread.run {
            ServerStop(
                request: { control?.requestShutdown() },
                signal: { PeerProcess(of: watch.number)?.send($0) },
                hasEnded: { watch.waitForEnd(milliseconds: $0) }
            ).run(control == nil ? .short : .usual)
        }
        control?.close()
        if isStopped { try await NativeThread.run { place.removeRemains() } }
        return isStopped
    }

    private func stopPrivate() async throws -> Bool {
        guard let record = ServerRecord(path: place.recordPath) else { return true }
        return try await NativeThread.run { [place] in
            let isStopped = ServerStop(
                request: { record.send(SIGTERM) }, signal: record.send,
                hasEnded: { record.waitForEnd(milliseconds: $0) }
            ).run()
            if isStopped { place.removeRemains() }
            return isStopped
        }
    }

    /// In what this server differs from one that somebody may take it for: the names of what tells servers apart, and
    /// of environment variables. Nil if nobody would, or if it is the same one.
    package func difference(from other: FoundServer) -> [String]? {
        guard let mine = status?.identity, let others = other.status?.identity,
            processIdentifier != other.processIdentifier, mine.interpreter == others.interpreter,
            mine.service == others.service, mine.workingDirectory == others.workingDirectory
        else { return nil }
        return mine.namesOfDifferences(from: others)
    }

    /// The configuration that would restart this server.
    package func configuration(_ context: ProcessContext) -> (ProxyConfiguration, ProcessContext)? {
        guard let identity = status?.identity else { return nil }
        // Those that it was started with, where the system tells.
        let variables = processIdentifier.flatMap { ProcessVariables.of($0) } ?? context.variables
        let own = variables.filter { identity.variables.contains($0.key) }
        let configuration = ProxyConfiguration(
            python: PythonEnvironment(identity.interpreter),
            url: identity.url.isEmpty ? nil : identity.url, port: identity.port,
            service: identity.service, autoreload: identity.autoreload,
            captureOutput: identity.captureOutput, path: identity.path,
            workingDirectory: identity.workingDirectory, environment: own,
            maximumConcurrentCalls: identity.maximumConcurrentCalls, expose: identity.exposed,
            dataFiles: identity.dataFiles)
        var context = context
        context.variables = variables
        // The same executable: path, then size and time.
        let parts = identity.build.split(separator: "-", omittingEmptySubsequences: false)
        context.variables["PYPROXY_SERVER"] = parts.dropLast(2).joined(separator: "-")
        return (configuration, context)
    }
}
