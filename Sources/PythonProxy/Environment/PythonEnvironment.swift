import Foundation

/// Which Python to use: a virtual environment, an interpreter, or whatever fits.
///
/// ```swift
/// "path/to/venv"          // a folder with pyvenv.cfg, or a conda environment
/// "path/to/bin/python"    // an interpreter
/// "python3.12"            // a command on PATH
/// .automatic              // the active environment, or the nearest .venv
/// ```
public struct PythonEnvironment: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case automatic
        case described(String)
    }

    let kind: Kind

    /// An environment by the path of its folder or interpreter, or by the name of a command on `PATH`.
    ///
    /// A leading `~` is the home folder; relative paths start at the current folder.
    public init(_ description: String) {
        kind = .described(description)
    }

    /// An environment by the file URL of its folder or interpreter.
    public init(_ url: URL) {
        self.init(url.path)
    }

    private init(kind: Kind) {
        self.kind = kind
    }

    /// `$VIRTUAL_ENV`, then `.venv` here or in a parent folder, then `$CONDA_PREFIX`, then `python3` on
    /// `PATH`.
    public static let automatic = PythonEnvironment(kind: .automatic)
}

extension PythonEnvironment: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}

extension PythonEnvironment: CustomStringConvertible {
    public var description: String {
        switch kind {
        case .automatic: "automatic"
        case .described(let description): description
        }
    }
}
