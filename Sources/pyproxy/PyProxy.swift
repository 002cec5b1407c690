import ArgumentParser
import PythonProxy

/// The command line tool: a client like any other.
@main
struct PyProxy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pyproxy",
        abstract: "Call Python packages in their virtual environments, and look after the servers.",
        discussion: """
            Exit status: 0 if all went well, 1 if Python raised an exception (call) or the environment \
            cannot be used (doctor), 2 if there is no such server, the server failed or a value cannot be \
            converted, 64 for wrong usage.

            Completion for your shell: pyproxy --generate-completion-script bash, zsh or fish.
            """,
        subcommands: [
            Call.self, Serve.self, List.self, Stop.self, Restart.self, Logs.self, Interrupt.self,
            Reload.self, Doctor.self,
        ])

    static func main() async {
        let failure = await run(CommandLine.arguments.dropFirst().map(NegativeNumber.asValue))
        guard StandardOutput.finish() else { exit(withError: ExitCode(2)) }
        if let failure { exit(withError: failure) }
    }

    private static func run(_ arguments: [String]) async -> (any Error)? {
        do {
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return nil
        } catch {
            return error
        }
    }
}
