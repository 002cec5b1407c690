import ArgumentParser
import PythonProxy

/// Examines an environment.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show which Python would be used and why, and what is wrong with it.")

    @OptionGroup var environment: EnvironmentOptions

    func run() async throws {
        let context = ProcessContext.current
        let report = DoctorReport()
        do {
            try await report.examine(environment.configuration(), context)
            print("\nAll is well.")
        } catch {
            print("\nProblem: \(error)")
            throw ExitCode(1)
        }
    }
}
