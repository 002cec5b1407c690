import Foundation

/// The environment variables and folders that names are looked up with. Tests pass their own.
package struct ProcessContext: Sendable {
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
    package static var current: ProcessContext {
        let program = Bundle.main.executablePath ?? CommandLine.arguments.first ?? ""
        return ProcessContext(
            variables: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath,
            programDirectory: (program as NSString).deletingLastPathComponent)
    }

    /// Whether an environment variable switches something on.
    func isSet(_ name: String) -> Bool {
        guard let value = variables[name] else { return false }
        return !value.isEmpty && value != "0"
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
