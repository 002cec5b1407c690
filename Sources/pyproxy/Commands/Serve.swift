import ArgumentParser
import PythonProxy

/// Runs a server until it is interrupted.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a server in the foreground, and show what it prints.",
        discussion: """
            Programs join it if they mean the same interpreter, service, path, working directory and \
            port, and the same build of pyproxy-server. Ends with Control-C.

            Modules of the project are reloaded when their files change; with --verbose you see it.
            """)

    @OptionGroup var environment: EnvironmentOptions

    @Option(help: "A module that is imported at start; its public functions answer to bare names.")
    var service: String?

    @Option(help: "Where to listen: \"unix:/path/name.sock\", or \"tcp://127.0.0.1\".")
    var url: String?

    @Option(help: "Tells servers apart that are otherwise the same; the port with a tcp url.")
    var port = 1753

    @Option(help: "The folder that the server runs in. Default: this one.", completion: .directory)
    var workingDirectory: String?

    @Option(
        help: ArgumentHelp(
            "A package that clients may call, instead of all. May be repeated.",
            valueName: "package"))
    var expose: [String] = []

    @Flag(inversion: .prefixedNo, help: "Reload modules of the project when their files change.")
    var autoreload = true

    @Option(
        help: ArgumentHelp(
            "Files beside the code of whose change modules are told. May be repeated.",
            valueName: "pattern"))
    var dataFiles: [String] = []

    @Option(
        help: ArgumentHelp(
            "How many calls run at the same time; 1: all of them on Python's main thread.",
            valueName: "number"))
    var maximumConcurrentCalls = 256

    @Flag(name: .shortAndLong, help: "Say which modules are reloaded, and why one could not be.")
    var verbose = false

    func run() async throws {
        var configuration = environment.configuration()
        configuration.service = service
        configuration.url = url
        configuration.port = port
        configuration.workingDirectory = workingDirectory
        configuration.expose = expose
        configuration.autoreload = autoreload
        configuration.dataFiles = dataFiles
        configuration.maximumConcurrentCalls = maximumConcurrentCalls
        let final = configuration
        // Before anybody is told that there is something to end.
        let signals = await EndSignals()
        defer { signals.cancel() }
        let status = await Failure.status {
            try await withProxy(final, context: .current) { proxy in
                if verbose { show(proxy.server.reloads) }
                complain(
                    "\(proxy.server.wasStarted ? "serving" : "already served:") \(proxy.server.environment) at "
                        + "\(proxy.server.address), process \(proxy.server.processIdentifier ?? 0)")
                try await waitForEnd(proxy, signals)
                // Whoever ends the command means the server, also if others use it.
                if proxy.server.wasStarted { await proxy.stopServer() }
            }
        }
        if status != 0 { throw ExitCode(status) }
    }

    private func show(_ reloads: AsyncStream<ReloadEvent>) {
        Task { for await event in reloads { complain("\(event)") } }
    }

    /// Waits for a signal or the end of the server.
    private func waitForEnd(_ proxy: Proxy, _ signals: EndSignals) async throws {
        let end = signals.end
        let watch = Task {
            try await proxy.server.waitUntilDisconnected()
            end.yield()
        }
        for await _ in signals.stream { break }
        watch.cancel()
    }
}
