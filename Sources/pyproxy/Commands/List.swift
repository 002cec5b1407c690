import ArgumentParser
import Foundation
import PythonProxy

/// Shows the servers that run.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the servers that run, and what they are doing.",
        discussion: """
            For each server: its process, how long it has run, its memory, its clients, environment and \
            address; for each running call its number, name, time and Python stack, the innermost function \
            first. --objects tells how many objects each client has on the server, by class; of programs that \
            run with PYPROXY_TRACE_OBJECTS=1 also in which line they were made. What dead servers have left behind is removed.
            """)

    @Flag(help: "Show the objects that stay on the servers for their clients, by class.")
    var objects = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let status = await Failure.status {
            let servers = try await FoundServer.all(.current)
            print(
                json
                    ? ServerList(servers: servers).json
                    : ServerList(servers: servers, showsObjects: objects).text(Style()))
        }
        if status != 0 { throw ExitCode(status) }
    }
}
