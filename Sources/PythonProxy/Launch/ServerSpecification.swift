import ProxyTransport
import ProxyWire

/// The server that a proxy means: what identifies it, and what is needed to start it.
package struct ServerSpecification: Sendable {
    package let identity: ServerIdentity
    package let environment: ResolvedEnvironment
    package let program: ServerProgram
    package let address: UnixAddress
    let lockPath: String
    let logPath: String
    let surroundings: Surroundings
    /// How long to wait for a server to start, in units of 100 ms.
    let maxConnectionAttempts: Int
    /// Whether the server ends when this process does.
    let isOwned: Bool

    /// Resolves everything that a user may leave open. Blocks while the interpreter is asked.
    package init(_ configuration: ProxyConfiguration, _ surroundings: Surroundings) throws {
        self.surroundings = surroundings
        maxConnectionAttempts = max(configuration.maxConnectionAttempts, 1)
        isOwned = configuration.isOwned
        program = try ServerProgram(surroundings)
        environment = try ResolvedEnvironment(configuration.python, surroundings)
        let workingDirectory = surroundings.absolute(
            configuration.workingDirectory ?? surroundings.workingDirectory)
        guard FileSystem.isFolder(workingDirectory) else {
            throw ProxyError.serverUnavailable(
                "the working directory \(workingDirectory) of the server does not exist; create it, "
                    + "or name another one")
        }
        if let path = configuration.path, !FileSystem.isFolder(surroundings.absolute(path)) {
            throw ProxyError.serverUnavailable(
                "the folder \(surroundings.absolute(path)), which is to be put on sys.path, does not "
                    + "exist; create it, or name another one with path:")
        }
        identity = ServerIdentity(
            interpreter: environment.facts.executable,
            baseInterpreter: FileSystem.realPath(environment.facts.executable),
            service: configuration.service, path: configuration.path.map(surroundings.absolute),
            workingDirectory: FileSystem.realPath(workingDirectory), port: configuration.port,
            autoreload: configuration.autoreload, captureOutput: configuration.captureOutput,
            build: program.build)
        (address, lockPath, logPath) = try Self.place(
            configuration.url, identity.fingerprint, surroundings)
    }

    private static func place(
        _ url: String?, _ fingerprint: String, _ surroundings: Surroundings
    ) throws -> (UnixAddress, lockPath: String, logPath: String) {
        let base: String
        switch url {
        case nil:
            base = try RuntimeDirectory(surroundings).file(fingerprint)
        case let url? where url.hasPrefix("unix:") && url.count > 5:
            let path = surroundings.absolute(String(url.dropFirst(5)))
            base = path.hasSuffix(".sock") ? String(path.dropLast(5)) : path
        case let url?:
            throw ProxyError.serverUnavailable(
                "\(url) is no address that this version can serve; leave url out, or give a socket "
                    + "as \"unix:/path/to/name.sock\"")
        }
        do {
            return (
                try UnixAddress(path: base + ".sock"), lockPath: base + ".lock",
                logPath: base + ".log"
            )
        } catch {
            throw ProxyError.serverUnavailable("\(error)")
        }
    }

    /// The arguments of the server's executable.
    func arguments(readyDescriptor: Int32, ownerDescriptor: Int32?) throws -> [String] {
        var arguments = [
            "--interpreter", identity.interpreter, "--base-interpreter", identity.baseInterpreter,
            "--socket", address.path, "--working-directory", identity.workingDirectory,
            "--port", String(identity.port), "--build", identity.build,
            "--ready-descriptor", String(readyDescriptor),
            identity.autoreload ? "--autoreload" : "--no-autoreload",
            identity.captureOutput ? "--capture-output" : "--no-capture-output",
        ]
        switch environment.embedding {
        case .library(let path): arguments += ["--libpython", path]
        case .extensionModule: arguments += ["--extension", try program.extensionModule()]
        }
        if let service = identity.service { arguments += ["--service", service] }
        if let path = identity.path { arguments += ["--path", path] }
        if let ownerDescriptor { arguments += ["--owner-descriptor", String(ownerDescriptor)] }
        return arguments
    }
}
