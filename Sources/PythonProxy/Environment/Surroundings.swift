import Foundation

/// What the process finds around itself. Tests pass their own.
package struct Surroundings: Sendable {
    /// The environment variables.
    package var variables: [String: String]
    /// The current folder, absolute.
    package var workingDirectory: String
    /// The folder of the running program.
    package var programDirectory: String

    package init(variables: [String: String], workingDirectory: String, programDirectory: String) {
        self.variables = variables
        self.workingDirectory = workingDirectory
        self.programDirectory = programDirectory
    }

    /// Those of this process.
    package static var current: Surroundings {
        let program = Bundle.main.executablePath ?? CommandLine.arguments.first ?? ""
        return Surroundings(
            variables: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath,
            programDirectory: (program as NSString).deletingLastPathComponent)
    }

    /// The path as an absolute one, without `.` and `..`; symbolic links stay.
    func absolute(_ path: String) -> String {
        var path = path
        if path == "~" || path.hasPrefix("~/") {
            path = (variables["HOME"] ?? "~") + path.dropFirst()
        }
        if !path.hasPrefix("/") { path = workingDirectory + "/" + path }
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// The first executable of this name on `PATH`.
    func command(_ name: String) -> String? {
        (variables["PATH"] ?? "").split(separator: ":").lazy
            .map { absolute("\($0)/\(name)") }
            .first { FileSystem.isExecutableFile($0) }
    }
}
