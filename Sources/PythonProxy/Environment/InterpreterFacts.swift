/// What an interpreter says of itself.
package struct InterpreterFacts: Sendable, Equatable {
    /// `sys.executable`: the interpreter that really runs, even if a wrapper was named.
    package var executable: String
    /// "cpython", "pypy", …
    package var implementation: String
    /// As in "3.12.1".
    package var version: String
    /// Where the standard library is.
    package var basePrefix: String
    /// The folder of the environment, or the base prefix.
    package var prefix: String
    package var isFreeThreaded: Bool
    /// Where a shared libpython may be, best first.
    package var libraryCandidates: [String]

    package var versionNumbers: (major: Int, minor: Int) {
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        return (numbers.first ?? 0, numbers.dropFirst().first ?? 0)
    }
}
