import Foundation
import ProxyTransport

/// Asks an interpreter about itself by running it once.
///
/// A Python on disk is what it says it is, not what its path looks like: wrappers, shims and links are
/// followed by the interpreter itself. Answers are remembered for as long as the file is unchanged;
/// those of scripts are not, because they depend on more than their own text.
package enum InterpreterProbe {
    private struct Key: Hashable {
        let path: String
        let stamp: String
    }

    package static let longestMilliseconds = 30_000

    private static let remembered = ConditionMutex<[Key: InterpreterFacts]>([:])

    /// Runs the interpreter, if need be. Blocks, for at most half a minute.
    package static func facts(
        of interpreter: String, context: ProcessContext, milliseconds: Int = longestMilliseconds,
        cancellation: CancellationFlag = CancellationFlag()
    ) throws -> InterpreterFacts {
        let key =
            FileSystem.isBinary(interpreter)
            ? FileSystem.stamp(interpreter).map { Key(path: interpreter, stamp: $0) } : nil
        if let key, let facts = remembered.withLock({ $0[key] }) { return facts }
        let facts: InterpreterFacts
        do {
            facts = try ask(interpreter, context, milliseconds, cancellation)
        } catch let error as EnvironmentError {
            throw ProxyError.environment(error)
        }
        if let key { remembered.withLock { $0[key] = facts } }
        return facts
    }

    private static func ask(
        _ interpreter: String, _ context: ProcessContext, _ milliseconds: Int,
        _ cancellation: CancellationFlag
    ) throws -> InterpreterFacts {
        // Isolated, and without site: quick, and nothing of the user's runs.
        let answer = try run(
            interpreter, ["-I", "-S", "-c", question], context, milliseconds, cancellation)
        if let facts = parse(answer.output) { return facts }
        if answer.isOverdue {
            throw EnvironmentError(
                .notPython,
                "\(interpreter) did not say within \(Double(milliseconds) / 1000) s which Python it is; "
                    + "if it is a script, see what it waits for, or name the interpreter itself")
        }
        // Pythons before 3.4 know no -I.
        let version = try run(
            interpreter, ["-c", "import sys; print('pyproxy ' + sys.version)"], context,
            milliseconds, cancellation)
        if version.output.hasPrefix("pyproxy ") {
            let number = version.output.dropFirst(8).prefix { $0 != " " }
            throw tooOld(interpreter, String(number))
        }
        let said = (answer.error + answer.output).trimmingCharacters(in: .whitespacesAndNewlines)
        throw EnvironmentError(
            .notPython,
            "\(interpreter) is not a Python interpreter: asked for its version, it ended with "
                + "\(answer.ending)" + (said.isEmpty ? "" : " and said: \(said.prefix(300))")
                + "; name the folder of a virtual environment or an interpreter")
    }

    package static func tooOld(_ interpreter: String, _ version: String) -> EnvironmentError {
        EnvironmentError(
            .tooOld,
            "\(interpreter) is Python \(version), but 3.11 is the oldest that can be served; create "
                + "a virtual environment with a newer Python")
    }

    private static func run(
        _ interpreter: String, _ arguments: [String], _ context: ProcessContext,
        _ milliseconds: Int, _ cancellation: CancellationFlag
    ) throws -> ShortProcess.Result {
        do {
            return try ShortProcess.run(
                interpreter, arguments, variables: context.variables.withoutPythonHome,
                // The current folder may have been deleted, which is none of the interpreter's business.
                directory: FileSystem.isFolder(context.workingDirectory)
                    ? context.workingDirectory : "/",
                milliseconds: milliseconds,
                cancellation: cancellation)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw EnvironmentError(
                .notPython,
                "\(interpreter) cannot be run (\(error)); name the folder of a virtual environment "
                    + "or an interpreter")
        }
    }

    /// Prints one fact a line. Runs on every Python from 3.4 on.
    private static let question = """
        import sys, sysconfig
        v = sysconfig.get_config_vars()
        def g(n): return str(v.get(n) or "")
        def p(*a): sys.stdout.write("\\t".join(a) + "\\0")
        p("executable", sys.executable)
        p("implementation", sys.implementation.name)
        p("version", ".".join(str(n) for n in sys.version_info[:3]))
        p("basePrefix", sys.base_prefix)
        p("freeThreaded", g("Py_GIL_DISABLED"))
        p("abiflags", getattr(sys, "abiflags", ""))
        for n in ("LIBDIR", "LIBPL", "MULTIARCH", "LDLIBRARY", "INSTSONAME", "PYTHONFRAMEWORKPREFIX"):
            p(n, g(n))
        p("end")
        """

    private static func parse(_ output: String) -> InterpreterFacts? {
        var facts: [String: String] = [:]
        // Not lines: a path may have a line break in it.
        for line in output.split(separator: "\0") {
            let fields = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            // A wrapper may have said something before.
            let key = fields[0].split(separator: "\n").last ?? ""
            facts[String(key)] = fields.count > 1 ? String(fields[1]) : ""
        }
        guard facts["end"] != nil, let executable = facts["executable"],
            let version = facts["version"], let basePrefix = facts["basePrefix"]
        else { return nil }
        return InterpreterFacts(
            executable: executable, implementation: facts["implementation"] ?? "",
            version: version, basePrefix: basePrefix,
            prefix: prefix(of: executable) ?? basePrefix,
            isFreeThreaded: facts["freeThreaded"] == "1",
            libraryCandidates: LibpythonSearch.candidates(facts))
    }

    /// The folder of a virtual environment: the one above the interpreter's with a pyvenv.cfg, by the
    /// rule of PEP 405.
    private static func prefix(of executable: String) -> String? {
        let folder =
            ((executable as NSString).deletingLastPathComponent as NSString)
            .deletingLastPathComponent
        return FileSystem.exists(folder + "/pyvenv.cfg") ? folder : nil
    }
}

extension [String: String] {
    /// Without a PYTHONHOME, which was meant for another interpreter: it would keep this one from finding
    /// its standard library.
    var withoutPythonHome: [String: String] { filter { $0.key != "PYTHONHOME" } }
}
