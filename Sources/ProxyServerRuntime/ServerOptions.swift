import ArgumentParser
import ProxyServer
import ProxyTransport
import ProxyWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The options of the server executable, which clients write.
///
/// Nothing is looked for or guessed here: the client has found the interpreter and its library.
struct ServerOptions: ParsableArguments {
    @Option(help: "The interpreter inside its virtual environment.")
    var interpreter: String

    @Option(help: "The file that the interpreter's path finally leads to.")
    var baseInterpreter: String = ""

    @Option(help: "The shared libpython; without it, the interpreter loads the server's extension.")
    var libpython: String?

    @Option(help: "The server as an extension module, for interpreters without a libpython.")
    var `extension`: String?

    @Option(help: "The Unix socket to listen on.")
    var socket: String?

    @Option(help: "The TCP port to listen on, on the loopback interface.")
    var tcpPort: UInt16?

    @Option(
        help: "A descriptor that is connected to a client, instead of an address. May be repeated.")
    var connection: [Int32] = []

    @Option(help: "The file with what clients of a TCP port must know.")
    var tokenFile: String?

    @Option(help: "The address as the client's user gave it.")
    var url: String = ""

    @Option(help: "A package that clients may call, instead of all. May be repeated.")
    var expose: [String] = []

    @Option(help: "End when nobody has been connected for so many milliseconds.")
    var idleMilliseconds: Int?

    @Option(help: "The log, open for appending.")
    var logDescriptor: Int32?

    @Option(help: "A descriptor to be closed when the server is ready.")
    var lockDescriptor: Int32?

    @Option(help: "A file to be removed at the end. May be repeated.")
    var removeAtEnd: [String] = []

    @Option(help: "A module whose public functions answer to bare names.")
    var service: String?

    @Option(help: "A folder to put on sys.path. May be repeated.")
    var path: [String] = []

    @Option(help: "The folder that the server runs in, as clients name it.")
    var workingDirectory: String = ""

    @Option(help: "Tells servers apart that are otherwise the same.")
    var port: Int = 0

    @Option(help: "What the client took this executable to be.")
    var build: String = ""

    @Flag(inversion: .prefixedNo, help: "Reload edited modules.")
    var autoreload = true

    @Option(help: "Files beside the code whose change matters, as a pattern. May be repeated.")
    var dataFiles: [String] = []

    @Option(help: "How many calls run at the same time; 1: all of them on the main thread.")
    var maximumConcurrentCalls = 256

    @Flag(inversion: .prefixedNo, help: "Send standard output and standard error to the clients.")
    var captureOutput = true

    @Option(help: "A descriptor that is told when the server is ready, or why it is not.")
    var readyDescriptor: Int32?

    @Option(
        help: "An environment variable that matters, with a hash of its value. May be repeated.")
    var environment: [String] = []

    @Option(help: "How long running calls and Python's own end may hold up the end of the server.")
    var graceMilliseconds = 10_000

    func configuration() throws -> ServerConfiguration {
        ServerConfiguration(
            identity: ServerIdentity(
                interpreter: interpreter, baseInterpreter: baseInterpreter, service: service,
                path: path, workingDirectory: workingDirectory, port: port,
                autoreload: autoreload, captureOutput: captureOutput, build: build,
                exposed: expose, url: url, dataFiles: dataFiles,
                maximumConcurrentCalls: maximumConcurrentCalls,
                environment: environment),
            address: try address(), connections: connection, token: try token(),
            idleMilliseconds: idleMilliseconds, files: removeAtEnd, gracePeriod: graceMilliseconds,
            maximumConcurrentCalls: maximumConcurrentCalls)
    }

    private func address() throws -> ServerAddress {
        if let tcpPort { return .loopback(LoopbackAddress(port: tcpPort)) }
        if !connection.isEmpty { return .inherited }
        guard let socket else {
            throw ValidationError("neither --socket, --tcp-port nor --connection was given")
        }
        return .unix(try UnixAddress(path: socket))
    }

    private func token() throws -> Token? {
        guard tcpPort != nil else { return nil }
        guard let tokenFile else { throw ValidationError("--tcp-port needs --token-file") }
        let file = try Descriptor(opening: tokenFile, flags: O_RDONLY | O_NOFOLLOW)
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = read(file.number, &bytes, bytes.count)
        guard let token = Token(String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)) else {
            throw ValidationError("\(tokenFile) does not hold two secrets")
        }
        return token
    }
}
