import ArgumentParser
import PythonProxy

/// The options that say which Python is meant.
struct EnvironmentOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A virtual environment's folder, an interpreter, or a command on PATH.",
            discussion:
                "Default: $VIRTUAL_ENV, the nearest .venv, $CONDA_PREFIX, or python3 on PATH."),
        completion: .directory)
    var python: String?

    @Option(
        help: "A folder to put on sys.path. May be repeated.", completion: .directory)
    var path: [String] = []

    func configuration() -> ProxyConfiguration {
        var configuration = ProxyConfiguration()
        configuration.python = python.map { PythonEnvironment($0) } ?? .automatic
        configuration.path = path
        // Results are what is on standard output.
        configuration.display = .standardError
        return configuration
    }
}
