import ArgumentParser
import PythonProxy

/// Lets a server load the modules of the project again.
struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a server load the modules of the project again.",
        discussion: """
            A server does that by itself when files change, unless it was started without autoreload. \
            Exit status 1 if a module cannot be loaded.
            """)

    @OptionGroup var selection: ServerSelection

    @Flag(help: "Only modules whose files have changed.")
    var onlyChanged = false

    func run() async throws {
        let status = await Failure.status {
            let server = try await selection.one()
            let event = try await ControlConnection(to: server.place).reload(
                onlyChanged: onlyChanged)
            print(event)
            if event.error != nil { throw ExitCode(1) }
        }
        if status != 0 { throw ExitCode(status) }
    }
}
