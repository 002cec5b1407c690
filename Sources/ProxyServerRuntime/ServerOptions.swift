import ArgumentParser
import ProxyServer
import ProxyTransport
import ProxyWire

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

    @Option(help: "The socket to listen on.")
    var socket: String

    @Option(help: "A module whose public functions answer to bare names.")
    var service: String?

    @Option(help: "A folder to put on sys.path.")
    var path: String?

    @Option(help: "The folder that the server runs in, as clients name it.")
    var workingDirectory: String = ""

    @Option(help: "Tells servers apart that are otherwise the same.")
    var port: Int = 0

    @Option(help: "What the client took this executable to be.")
    var build: String = ""

    @Flag(inversion: .prefixedNo, help: "Reload edited modules.")
    var autoreload = true

    @Flag(inversion: .prefixedNo, help: "Send standard output and standard error to the clients.")
    var captureOutput = true

    @Option(help: "A descriptor that is told when the server is ready, or why it is not.")
    var readyDescriptor: Int32?

    @Option(help: "A descriptor that reaches its end when the owner of the server is gone.")
    var ownerDescriptor: Int32?

    func configuration() throws(SystemError) -> ServerConfiguration {
        ServerConfiguration(
            identity: ServerIdentity(
                interpreter: interpreter, baseInterpreter: baseInterpreter, service: service,
                path: path, workingDirectory: workingDirectory, port: port,
                autoreload: autoreload, captureOutput: captureOutput, build: build),
            socket: try UnixAddress(path: socket))
    }
}
