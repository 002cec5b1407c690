import ArgumentParser
import PythonProxy

/// Ends servers.
struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a server.",
        discussion: """
            Calls that run are interrupted. A server that does not end within four seconds gets SIGTERM, \
            and then SIGKILL, with everything that it has started.
            """)

    @OptionGroup var selection: ServerSelection

    @Flag(help: "End all servers.")
    var all = false

    func run() async throws {
        let status = await Failure.status {
            let servers = all ? try await selection.all() : [try await selection.one()]
            if servers.isEmpty { print("no server runs") }
            for server in servers {
                let process = server.processIdentifier.map(String.init) ?? "\(server.place.address)"
                guard try await server.stop() else {
                    throw ProxyError.serverUnavailable(
                        "the server \(process) does not end, even after SIGKILL")
                }
                print("stopped \(process)")
            }
        }
        if status != 0 { throw ExitCode(status) }
    }
}
