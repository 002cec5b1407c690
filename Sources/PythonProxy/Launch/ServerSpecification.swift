import ProxyTransport
import ProxyWire

/// The server that a proxy means: what identifies it, and what is needed to start it.
package struct ServerSpecification: Sendable {
    package let identity: ServerIdentity
    package let environment: ResolvedEnvironment
    package let program: ServerProgram
    /// That of a private server is another one each time it is started.
    package let place: ServerPlace
    var isPrivate: Bool { place.isPrivate }
    private let directory: RuntimeDirectory
    /// What the server's process gets.
    let variables: [String: String]
    /// How long to wait for a server to start, in units of 100 ms.
    let maxConnectionAttempts: Int
    /// What this client wants of the server's life.
    let role: ClientRole
    /// A server that is kept ends when it has had no client for this time; nil: never.
    let idleTimeout: Duration?
    let gracePeriod: Duration

    /// Resolves everything that a user may leave open. Blocks while the interpreter is asked.
    package init(
        _ configuration: ProxyConfiguration, _ context: ProcessContext,
        cancellation: CancellationFlag = CancellationFlag()
    ) throws {
        maxConnectionAttempts = max(configuration.maxConnectionAttempts, 1)
        // Its descriptors are those of this program: what it prints is nobody else's.
        let isPrivate = configuration.sharing == .private || !configuration.captureOutput
        role = configuration.isScoped || isPrivate ? .scoped : .lasting
        gracePeriod = configuration.gracePeriod
        idleTimeout = configuration.idleTimeout
        guard configuration.maximumConcurrentCalls >= 1 else {
            throw ProxyError.invalidConfiguration(
                "maximumConcurrentCalls is \(configuration.maximumConcurrentCalls); it must be at least 1"
            )
        }
        if isPrivate, let url = configuration.url {
            throw ProxyError.invalidConfiguration(
                "a private server listens nowhere, and cannot listen at \(url); leave out url, or "
                    + (configuration.sharing == .private
                        ? "sharing: .private" : "captureOutput: false, which makes it private"))
        }
        if configuration.workingDirectory == nil, !FileSystem.isFolder(context.workingDirectory) {
            throw ProxyError.serverUnavailable(
                "the current folder of this program \(context.workingDirectory) has been deleted; "
                    + "change to another one, or name one with workingDirectory:")
        }
        let url = try ServerPlace.normalized(
            configuration.url, port: configuration.port, context)
        program = try ServerProgram(context)
        environment = try ResolvedEnvironment(
            configuration.python, context, cancellation: cancellation)
        let workingDirectory = context.absolute(
            configuration.workingDirectory ?? context.workingDirectory)
        guard FileSystem.isFolder(workingDirectory) else {
            throw ProxyError.invalidConfiguration(
                "the working directory \(workingDirectory) of the server does not exist; create it, "
                    + "or name another one")
        }
        let path = configuration.path.map(context.absolute)
        let server = ServerVariables(
            inherited: context.variables, own: configuration.environment,
            hash: SipHash(key: try RuntimeDirectory(context).secret()))
        variables = server.all
        // Python finds modules in archives as well.
        if let missing = path.first(where: { !FileSystem.exists($0) }) {
            throw ProxyError.invalidConfiguration(
                "the folder \(missing), which is to be put on sys.path, does not "
                    + "exist; create it, or name another one with path:")
        }
        identity = ServerIdentity(
            interpreter: environment.facts.executable,
            baseInterpreter: FileSystem.realPath(environment.facts.executable),
            service: configuration.service, path: path,
            workingDirectory: FileSystem.realPath(workingDirectory), port: configuration.port,
            autoreload: configuration.autoreload, captureOutput: configuration.captureOutput,
            build: program.build, exposed: configuration.expose.sorted(), url: url,
            dataFiles: configuration.dataFiles.map {
                $0.hasPrefix("/") ? $0 : FileSystem.realPath(workingDirectory) + "/" + $0
            }.sorted(), maximumConcurrentCalls: configuration.maximumConcurrentCalls,
            environment: server.fingerprints)
        directory = try RuntimeDirectory(context)
        place =
            isPrivate
            ? ServerPlace(privateIn: directory)
            : try ServerPlace(normalizedURL: url, fingerprint: identity.fingerprint, context)
    }

    /// Where the next server is to be.
    func nextPlace() -> ServerPlace {
        isPrivate ? ServerPlace(privateIn: directory) : place
    }

    /// The arguments of the server's executable.
    ///
    /// - Parameter inheritance: has the descriptors that follow that of the log.
    func arguments(
        for place: ServerPlace, readyDescriptor: Int32, logDescriptor: Int32,
        _ inheritance: ServerStart.Inheritance
    ) throws -> [String] {
        var arguments = [
            "--interpreter", identity.interpreter, "--base-interpreter", identity.baseInterpreter,
            "--working-directory", identity.workingDirectory,
            "--port", String(identity.port), "--build", identity.build, "--url", identity.url,
            "--ready-descriptor", String(readyDescriptor),
            "--maximum-concurrent-calls", String(identity.maximumConcurrentCalls),
            "--log-descriptor", String(logDescriptor),
            identity.autoreload ? "--autoreload" : "--no-autoreload",
            identity.captureOutput ? "--capture-output" : "--no-capture-output",
        ]
        let inherited = inheritance.descriptors.indices.map {
            String(logDescriptor + 1 + Int32($0))
        }
        switch inheritance {
        case .lock: arguments += inherited.flatMap { ["--lock-descriptor", $0] }
        case .connections: arguments += inherited.flatMap { ["--connection", $0] }
        }
        switch place.address {
        case .unix(let address): arguments += ["--socket", address.path]
        case .loopback(let address): arguments += ["--tcp-port", String(address.port)]
        case .inherited: break
        }
        if let tokenPath = place.tokenPath { arguments += ["--token-file", tokenPath] }
        arguments += place.removedAtEnd.flatMap { ["--remove-at-end", $0] }
        arguments += identity.exposed.flatMap { ["--expose", $0] }
        arguments += identity.environment.flatMap { ["--environment", $0] }
        arguments += identity.dataFiles.flatMap { ["--data-files", $0] }
        switch environment.embedding {
        case .library(let path): arguments += ["--libpython", path]
        case .extensionModule: arguments += ["--extension", try program.extensionModule()]
        }
        if let service = identity.service { arguments += ["--service", service] }
        arguments += identity.path.flatMap { ["--path", $0] }
        arguments += ["--grace-milliseconds", gracePeriod.wholeMilliseconds]
        if let idleTimeout { arguments += ["--idle-milliseconds", idleTimeout.wholeMilliseconds] }
        return arguments
    }
}

extension Duration {
    /// As text; what is longer than thirty years is cut.
    fileprivate var wholeMilliseconds: String {
        String(Int(min(max(self / .milliseconds(1), 0), 1e12)))
    }
}
