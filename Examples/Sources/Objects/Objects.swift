import Foundation
import PythonProxy

/// The programs of the guide "Objects".
///
/// Usage: `Objects ENVIRONMENT FOLDER`, with an environment that has their packages, and a folder for a picture.
@main
struct Objects {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else {
            print("usage: Objects ENVIRONMENT FOLDER")
            exit(64)
        }
        let environment = PythonEnvironment(arguments[1])
        do {
            // Figures are drawn without a screen.
            try await withProxy(python: environment, environment: ["MPLBACKEND": "agg"]) { python in
                try await pipeline(python)
                try await figure(python, URL(fileURLWithPath: arguments[2] + "/figure.png"))
                try await table(python)
                try await derivative(python)
                try await graph(python)
                try await geometry(python)
                try await expressions(python)
                try await query(python)
                try await mesh(python)
                try await inPlace(python)
            }
            try await database(environment)
        } catch {
            print("\(error)")
            exit(1)
        }
    }
}
