import ArgumentParser
import PythonProxy

/// Ends a server and starts it anew.
struct Restart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a server and start one that is the same.",
        discussion: "Clients connect to the new one with their next call.")

    @OptionGroup var selection: ServerSelection

    func run() async throws {
        let status = await Failure.status {
            let server = try await selection.one()
            if server.isPrivate {
                throw ProxyError.serverUnavailable(
                    "the server is private to the program that has started it: only that can start it "
                        + "anew, with restartServer()")
            }
            guard let (configuration, context) = server.configuration(.current) else {
                throw ProxyError.serverUnavailable(
                    "the server at \(server.place.address) does not answer, so it is not known what to "
                        + "start; end it with 'pyproxy stop'")
            }
            guard try await server.stop() else {
                throw ProxyError.serverUnavailable("the server does not end, even after SIGKILL")
            }
            let proxy = try await Proxy(configuration, context: context)
            print(
                "restarted \(server.processIdentifier ?? 0) as \(proxy.server.processIdentifier ?? 0) at "
                    + proxy.server.address)
            await proxy.disconnect()
        }
        if status != 0 { throw ExitCode(status) }
    }
}
