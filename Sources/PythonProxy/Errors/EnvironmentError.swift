/// What is wrong with a Python environment, and what to do about it.
public struct EnvironmentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of problem, one for each remedy.
    public enum Problem: Sendable, Equatable {
        /// Nothing is there.
        case notFound
        /// A folder that is not a virtual environment.
        case notAnEnvironment
        /// The virtual environment's base interpreter has been removed or upgraded away.
        case baseInterpreterGone
        /// The file runs, but it is not Python.
        case notPython
        /// Python, but not CPython.
        case notCPython
        /// CPython older than 3.11.
        case tooOld
        /// A free-threaded build, which the stable ABI does not cover.
        case freeThreaded
        /// The interpreter has no usable libpython, and the server's extension module is not built.
        case libpythonMissing
        /// The package is not installed in this environment.
        case packageNotInstalled
    }

    public let problem: Problem
    /// The thing, the fact and the remedy.
    public let description: String

    public init(_ problem: Problem, _ description: String) {
        self.problem = problem
        self.description = description
    }
}
