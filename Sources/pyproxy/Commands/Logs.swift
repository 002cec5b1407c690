import ArgumentParser
import Foundation
import PythonProxy

/// Shows what a server has to say.
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the log of a server.",
        discussion: """
            The log has the server's own messages, and what was printed while no client was there to get \
            it. With --follow, everything that is printed from now on comes after it, whatever client it \
            is for, until the server ends or Control-C.
            """)

    @OptionGroup var selection: ServerSelection

    @Flag(name: .shortAndLong, help: "Go on with what is printed from now on.")
    var follow = false

    func run() async throws {
        let status = await Failure.status {
            let server = try await selection.one()
            if let log = FileHandle(forReadingAtPath: server.place.logPath) {
                FileHandle.standardOutput.write(try log.readToEnd() ?? Data())
            }
            guard follow else { return }
            for await chunk in try await ControlConnection(to: server.place).observe() {
                FileHandle.standardOutput.write(Data(chunk.bytes))
            }
        }
        if status != 0 { throw ExitCode(status) }
    }
}
