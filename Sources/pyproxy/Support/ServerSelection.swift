import ArgumentParser
import Foundation
import PythonProxy

/// The argument that says which server is meant.
struct ServerSelection: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A process number, an address, or the folder of a virtual environment.",
            discussion: "May be left out if there is only one."),
        completion: .custom { _, _, _ in await Self.suggestions() })
    var server: String?

    private static func suggestions() async -> [String] {
        let servers = (try? await FoundServer.all(.current)) ?? []
        return servers.compactMap { $0.processIdentifier.map(String.init) }
    }

    /// The servers that are meant.
    func all() async throws -> [FoundServer] {
        let context = ProcessContext.current
        let servers = try await FoundServer.all(context)
        guard let server else { return servers }
        let folder = URL(fileURLWithPath: server).standardizedFileURL.path
        return servers.filter {
            $0.processIdentifier.map(String.init) == server || "\($0.place.address)" == server
                || $0.status?.identity.interpreter.hasPrefix(folder + "/") == true
                || $0.status?.identity.interpreter == folder
        }
    }

    /// The server that is meant.
    func one() async throws -> FoundServer {
        let servers = try await all()
        guard let first = servers.first else {
            throw ProxyError.serverUnavailable(
                server.map { "no server \($0) runs; 'pyproxy list' shows those that do" }
                    ?? "no server runs")
        }
        guard servers.count == 1 else {
            throw ValidationError(
                "\(servers.count) servers are meant: "
                    + servers.compactMap { $0.processIdentifier.map(String.init) }
                    .joined(separator: ", ") + "; name one of them")
        }
        return first
    }
}
