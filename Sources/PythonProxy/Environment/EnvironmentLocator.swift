import Foundation

/// Finds the interpreter that a `PythonEnvironment` means, without running anything.
package struct EnvironmentLocator {
    /// An interpreter, and why it is this one.
    package struct Choice: Sendable, Equatable {
        package let interpreter: String
        package let reason: String
    }

    private let context: ProcessContext

    package init(_ context: ProcessContext) {
        self.context = context
    }

    package func locate(_ environment: PythonEnvironment) throws -> Choice {
        do {
            switch environment.kind {
            case .automatic: return try automatic()
            case .described(let description): return try described(description)
            }
        } catch let error as EnvironmentError {
            throw ProxyError.environment(error)
        }
    }

    // MARK: Automatic

    private func automatic() throws -> Choice {
        if let folder = context.variables["VIRTUAL_ENV"], !folder.isEmpty {
            return try inFolder(folder, "$VIRTUAL_ENV names it")
        }
        for folder in foldersUpwards() {
            let candidate = folder + "/.venv"
            if FileSystem.exists(candidate + "/pyvenv.cfg") {
                return try inFolder(candidate, "it is the nearest .venv")
            }
        }
        if let folder = context.variables["CONDA_PREFIX"], !folder.isEmpty {
            return try inFolder(folder, "$CONDA_PREFIX names it")
        }
        guard let command = context.command("python3") else {
            throw EnvironmentError(
                .notFound,
                "no Python was found: $VIRTUAL_ENV and $CONDA_PREFIX are not set, there is no .venv "
                    + "in \(context.workingDirectory) or above, and no python3 on PATH; "
                    + "create an environment with 'python3 -m venv .venv' or name one with python:")
        }
        return Choice(
            interpreter: command,
            reason: "python3 on PATH; no environment is active and there is no .venv")
    }

    private func foldersUpwards() -> [String] {
        var folders = [context.workingDirectory]
        while let last = folders.last, last != "/", !last.isEmpty {
            folders.append((last as NSString).deletingLastPathComponent)
        }
        return folders
    }

    // MARK: Described

    private func described(_ description: String) throws -> Choice {
        guard !description.isEmpty else {
            throw EnvironmentError(
                .notFound,
                "the Python environment is an empty text; name a folder, an interpreter or a "
                    + "command, or use .automatic")
        }
        let path = context.absolute(description)
        if FileSystem.isFolder(path) {
            return try inFolder(path, "it was named")
        }
        if FileSystem.exists(path) {
            return try interpreter(path, "it was named")
        }
        if FileSystem.isForbidden(path) { throw Self.forbidden(path) }
        if let destination = FileSystem.linkDestination(path) {
            throw Self.baseGone(path, destination)
        }
        if !description.contains("/"), let command = context.command(description) {
            return Choice(interpreter: command, reason: "\(description) on PATH")
        }
        throw EnvironmentError(
            .notFound,
            description.contains("/")
                ? "there is nothing at \(path); name the folder of a virtual environment or an "
                    + "interpreter"
                : "there is no command \(description) on PATH and nothing at \(path); name the "
                    + "folder of a virtual environment or an interpreter")
    }

    private func inFolder(_ folder: String, _ reason: String) throws -> Choice {
        let folder = context.absolute(folder)
        guard Self.isEnvironment(folder) else {
            guard FileSystem.isFolder(folder) else {
                throw EnvironmentError(
                    .notFound, "the environment \(folder) does not exist, but \(reason)")
            }
            if let outer = Self.environment(around: folder) {
                return try inFolder(outer, "\(reason) by a folder in it")
            }
            // The prefix of an installation, or its folder of programs.
            for path in [folder + "/bin/python3", folder + "/python3"]
            where FileSystem.isExecutableFile(path) {
                return Choice(interpreter: path, reason: reason)
            }
            let inner = folder + "/.venv"
            let hint =
                FileSystem.exists(inner + "/pyvenv.cfg")
                ? "did you mean \(inner)?"
                : "pass the folder that contains it, or create one with "
                    + "'python3 -m venv \(folder)/.venv'"
            throw EnvironmentError(
                .notAnEnvironment,
                "\(folder) has no pyvenv.cfg, so it is no virtual environment; \(hint)")
        }
        for name in ["python", "python3"] {
            let path = "\(folder)/bin/\(name)"
            if FileSystem.exists(path) { return try interpreter(path, reason) }
            if FileSystem.isForbidden(path) { throw Self.forbidden(path) }
            if let destination = FileSystem.linkDestination(path) {
                throw Self.baseGone(folder, Self.base(of: folder) ?? destination)
            }
        }
        throw EnvironmentError(
            .notAnEnvironment,
            "\(folder) has no bin/python; create it anew with 'python3 -m venv --clear \(folder)'")
    }

    private static func isEnvironment(_ folder: String) -> Bool {
        FileSystem.exists(folder + "/pyvenv.cfg") || FileSystem.isFolder(folder + "/conda-meta")
    }

    /// The environment that a folder such as `bin` or `lib/python3.12/site-packages` belongs to.
    private static func environment(around folder: String) -> String? {
        let parts = folder.split(separator: "/").map(String.init)
        for count in 1...3 where parts.count > count {
            let outer = "/" + parts.dropLast(count).joined(separator: "/")
            let inner = parts.suffix(count)
            if ["bin", "lib", "lib64"].contains(inner.first), isEnvironment(outer) { return outer }
        }
        return nil
    }

    private static func forbidden(_ path: String) -> EnvironmentError {
        EnvironmentError(
            .notPython,
            "\(path), or what it is a link to, may not be used by this user; change its permissions, "
                + "or name another environment")
    }

    private func interpreter(_ path: String, _ reason: String) throws -> Choice {
        guard FileSystem.isExecutableFile(path) else {
            throw EnvironmentError(
                .notPython,
                "\(path) is not executable; name the folder of a virtual environment or an "
                    + "interpreter")
        }
        return Choice(interpreter: path, reason: reason)
    }

    private static func base(of folder: String) -> String? {
        guard let text = try? String(contentsOfFile: folder + "/pyvenv.cfg", encoding: .utf8) else {
            return nil
        }
        let home = text.split(separator: "\n").first { $0.hasPrefix("home") }
        return home?.split(separator: "=", maxSplits: 1).last.map {
            $0.trimmingCharacters(in: .whitespaces)
        }
    }

    private static func baseGone(_ path: String, _ destination: String) -> EnvironmentError {
        EnvironmentError(
            .baseInterpreterGone,
            "the interpreter that \(path) was made from is gone (\(destination)); create the "
                + "environment anew, for example with 'python3 -m venv --clear' and its requirements"
        )
    }
}
