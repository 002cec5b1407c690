import Foundation
import PythonProxy

/// Prints what is found, step by step, so that the last line is just before the problem.
struct DoctorReport {
    func examine(_ configuration: ProxyConfiguration, _ context: ProcessContext) async throws {
        show("wanted", "\(configuration.python)")
        let choice = try EnvironmentLocator(context).locate(configuration.python)
        show("chosen", "\(choice.interpreter) (\(choice.reason))")
        let facts = try InterpreterProbe.facts(of: choice.interpreter, context: context)
        show("interpreter", facts.executable)
        show("version", "\(facts.implementation) \(facts.version)")
        show("prefix", facts.prefix)
        show("base prefix", facts.basePrefix)
        show("GIL", facts.isFreeThreaded ? "free-threaded build" : "yes")
        showLibraries(facts)
        let resolved = try ResolvedEnvironment(configuration.python, context)
        switch resolved.embedding {
        case .library(let path): show("embedding", "the server loads \(path)")
        case .extensionModule:
            show("embedding", "the interpreter has no libpython: it loads the server")
        }
        let program = try ServerProgram(context)
        show("server", program.path)
        if resolved.embedding == .extensionModule {
            show("extension", try program.extensionModule())
        }
        show("sockets", try RuntimeDirectory(context).path)
        try await tryOut(configuration, context)
    }

    private func showLibraries(_ facts: InterpreterFacts) {
        for path in facts.libraryCandidates {
            let isThere = FileManager.default.fileExists(atPath: path)
            show("libpython", "\(path) \(isThere ? "(found)" : "(not there)")")
            if isThere { return }
        }
    }

    /// Starts a server and looks from the inside.
    private func tryOut(
        _ configuration: ProxyConfiguration, _ context: ProcessContext
    ) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        try await withProxy(configuration, context: context) { proxy in
            try await proxy.server.ping()
            let milliseconds = (clock.now - start) / .milliseconds(1)
            show(
                proxy.server.wasStarted ? "started in" : "joined in",
                "\(Int(milliseconds.rounded())) ms")
            let prefix: String = try await proxy.sys.prefix.get()
            show("sys.prefix", prefix)
            await showNumpy(proxy)
        }
    }

    private func showNumpy(_ proxy: Proxy) async {
        do {
            let version: String = try await proxy.numpy.__version__.get()
            let file: String = try await proxy.numpy.__file__.get()
            show("numpy", "\(version) at \((file as NSString).deletingLastPathComponent)")
        } catch ProxyError.environment {
            show("numpy", "not installed: arrays cannot be passed, lists can")
        } catch {
            show("numpy", "cannot be imported: \(error)")
        }
    }

    private func show(_ label: String, _ text: String) {
        print(label.padding(toLength: 12, withPad: " ", startingAt: 0) + text)
    }
}
