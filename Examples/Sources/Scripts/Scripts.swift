import Foundation
import PythonProxy

/// The programs of the guide "Scripts".
///
/// Usage: `Scripts ENVIRONMENT FOLDER`, with an environment that has their packages, and a folder for files.
@main
struct Scripts {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            print("usage: Scripts ENVIRONMENT FOLDER")
            exit(64)
        }
        let environment = PythonEnvironment(arguments[1])
        do {
            // Figures are drawn without a screen.
            try await withProxy(python: environment, environment: ["MPLBACKEND": "agg"]) { python in
                try await picture(python)
                try await pipeline(python)
                try await files(python, URL(fileURLWithPath: arguments[2]))
                try await compiled(python)
                try await study(python)
                try await precision(python)
            }
        } catch {
            print("\(error)")
            exit(1)
        }
    }
}
