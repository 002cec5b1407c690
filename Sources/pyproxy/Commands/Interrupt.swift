import ArgumentParser
import PythonProxy

/// Interrupts running calls.
struct Interrupt: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Interrupt the calls that a server is running.",
        discussion: """
            An exception like that of Control-C is raised in them, and their clients get it as a \
            PythonError. The server goes on.
            """)

    @OptionGroup var selection: ServerSelection

    @Option(
        help: ArgumentHelp(
            "Only this call, as 'pyproxy list' numbers it.", valueName: "client.call"))
    var call: String?

    func run() async throws {
        let status = await Failure.status {
            let server = try await selection.one()
            let number = try call.map { try server.call(numbered: $0) }
            let count = try await ControlConnection(to: server.place).interrupt(number)
            print("interrupted \(count) call\(count == 1 ? "" : "s")")
        }
        if status != 0 { throw ExitCode(status) }
    }
}

extension FoundServer {
    fileprivate func call(numbered text: String) throws -> CallNumber {
        let parts = text.split(separator: ".").compactMap { UInt64($0) }
        guard parts.count == 2 else {
            throw ValidationError("--call \(text) is not of the form CLIENT.CALL, such as 3.17")
        }
        return CallNumber(client: parts[0], call: parts[1])
    }
}
