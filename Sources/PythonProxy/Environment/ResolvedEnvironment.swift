import ProxyTransport

/// An interpreter that can be served, and how.
package struct ResolvedEnvironment: Sendable, Equatable {
    /// Which way the server and the interpreter come together.
    package enum Embedding: Sendable, Equatable {
        /// The server loads this shared library.
        case library(String)
        /// The interpreter, which has no shared library, loads the server as an extension module.
        case extensionModule
    }

    package let choice: EnvironmentLocator.Choice
    package let facts: InterpreterFacts
    package let embedding: Embedding

    /// Finds, asks and judges the interpreter. Blocks while the interpreter runs.
    package init(
        _ environment: PythonEnvironment, _ context: ProcessContext,
        cancellation: CancellationFlag = CancellationFlag()
    ) throws {
        choice = try EnvironmentLocator(context).locate(environment)
        facts = try InterpreterProbe.facts(
            of: choice.interpreter, context: context, cancellation: cancellation)
        if let error = Self.judge(facts) { throw ProxyError.environment(error) }
        embedding = Self.embedding(facts, context)
    }

    private static func judge(_ facts: InterpreterFacts) -> EnvironmentError? {
        let interpreter = facts.executable
        if facts.implementation != "cpython" {
            return EnvironmentError(
                .notCPython,
                "\(interpreter) is \(facts.implementation), but only CPython can be served; create "
                    + "a virtual environment with CPython")
        }
        if facts.versionNumbers < (3, 11) {
            return InterpreterProbe.tooOld(interpreter, facts.version)
        }
        if facts.isFreeThreaded {
            return EnvironmentError(
                .freeThreaded,
                "\(interpreter) is a free-threaded build of Python \(facts.version), which Python's "
                    + "stable ABI does not cover; create a virtual environment with the usual build"
            )
        }
        return nil
    }

    /// `PYPROXY_EMBEDDING=extension` chooses the second way even if there is a library.
    private static func embedding(
        _ facts: InterpreterFacts, _ context: ProcessContext
    ) -> Embedding {
        if context.variables["PYPROXY_EMBEDDING"] == "extension" { return .extensionModule }
        let library = facts.libraryCandidates.first { FileSystem.exists($0) }
        return library.map { .library($0) } ?? .extensionModule
    }
}
