import Foundation
import Testing

@testable import PythonProxy

/// The virtual environments that `scripts/test` has made: one with numpy for every CPython from 3.11 on
/// that is on this machine, served in both ways.
struct TestEnvironment: Sendable, CustomTestStringConvertible {
    let name: String
    let folder: String
    /// Whether the interpreter loads the server, as those without a libpython must.
    var usesExtension = false

    /// The 13 of CPython 3.13, and of its debug build, 3.13d.
    var minorVersion: Int {
        name.split(separator: ".").last.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
    }

    var testDescription: String { name + (usesExtension ? " (extension module)" : "") }

    /// `scripts/test-pythons` names another folder.
    static let root =
        ProcessInfo.processInfo.environment["PYPROXY_TEST_ENVIRONMENTS"]
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../.build/environments").standardized.path

    /// One for each minor version of Python.
    static let all: [TestEnvironment] = {
        let list = (try? String(contentsOfFile: root + "/pythons", encoding: .utf8)) ?? ""
        let environments = list.split(separator: "\n").map { line in
            let version = line.prefix { $0 != "\t" }
            return TestEnvironment(name: "CPython \(version)", folder: "\(root)/numpy-\(version)")
        }
        print("environments under test: \(environments.map(\.folder))")
        return environments
    }()

    /// Whether numpy is in these, and the environments below are there.
    static let hasPackages = FileManager.default.fileExists(atPath: science2.folder)

    /// Those, and each of them once more as one without a libpython.
    static let bothWays: [TestEnvironment] = all.flatMap { environment in
        // scripts/sanitize prints the reason.
        if ProcessInfo.processInfo.environment["PYPROXY_TEST_WITHOUT_EXTENSION"] != nil {
            return [environment]
        }
        var other = environment
        other.usesExtension = true
        return [environment, other]
    }

    /// Whether a thread that calls nothing but Python gets no signals, as under Thread Sanitizer.
    static var delaysSignals: Bool {
        // scripts/sanitize prints the reason.
        ProcessInfo.processInfo.environment["PYPROXY_TEST_WITH_DELAYED_SIGNALS"] != nil
    }

    /// Whether a sanitizer's notes of every byte count as memory of the server.
    static var hasShadowMemory: Bool {
        // scripts/sanitize prints the reason.
        ProcessInfo.processInfo.environment["PYPROXY_TEST_WITH_SHADOW_MEMORY"] != nil
    }

    /// The first one, for what does not depend on the version.
    static var any: TestEnvironment {
        get throws { try #require(all.first, "run scripts/test, which makes the environments") }
    }

    /// With COMPAS 1.17.10 and scipy.
    static let compas = TestEnvironment(name: "COMPAS", folder: root + "/compas")
    /// With the second version of COMPAS.
    static let compas2 = TestEnvironment(name: "COMPAS 2", folder: root + "/compas2")
    /// With numpy 1.26, scipy and pandas 2.
    static let science1 = TestEnvironment(name: "numpy 1", folder: root + "/science-1")
    /// With the newest numpy, scipy and pandas.
    static let science2 = TestEnvironment(name: "numpy 2", folder: root + "/science-2")
    /// With the packages whose examples are tested.
    static let packages = TestEnvironment(name: "packages", folder: root + "/packages")
    /// Without anything.
    static let bare = TestEnvironment(name: "bare", folder: root + "/bare")
}

extension Trait where Self == ConditionTrait {
    /// For tests that need numpy, pandas or COMPAS.
    static var needsPackages: Self {
        .enabled(if: TestEnvironment.hasPackages, "the environments have no packages")
    }
}

/// A folder of its own for sockets and Python modules, and what a proxy needs to use it.
struct Workspace: Sendable {
    let folder: String
    var configuration: ProxyConfiguration
    var context: ProcessContext

    /// Tests run side by side, but a machine carries only so many servers that start at the same time.
    private static let permits = Permits(8)

    /// Runs `body` with a workspace, and removes it.
    ///
    /// - Parameter modules: Python modules by name, which the server can import.
    static func with<Result>(
        _ environment: TestEnvironment, modules: [String: String] = [:],
        _ body: (Workspace) async throws -> Result
    ) async throws -> Result {
        await permits.take()
        defer { permits.give() }
        let folder = "/tmp/pyproxy-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder + "/python", withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
        defer { remove(folder) }
        for (name, source) in modules {
            try source.write(
                toFile: "\(folder)/python/\(name).py", atomically: true, encoding: .utf8)
        }
        var context = ProcessContext.current
        context.variables["PYPROXY_RUNTIME_DIR"] = folder
        context.variables["PYTHONDONTWRITEBYTECODE"] = "1"
        context.variables["PYPROXY_EMBEDDING"] = environment.usesExtension ? "extension" : nil
        var configuration = ProxyConfiguration()
        configuration.python = PythonEnvironment(environment.folder)
        configuration.path = [folder + "/python"]
        // Not into the report of the tests.
        configuration.showsOutput = false
        let workspace = Workspace(folder: folder, configuration: configuration, context: context)
        let result = try await body(workspace)
        try await workspace.waitUntilNothingRuns()
        return result
    }

    /// Waits until the servers have ended that nobody needs.
    func waitUntilNothingRuns() async throws {
        try await waitUntil("no process is left of \(folder)") { processes.isEmpty }
    }

    /// The processes in whose command line this folder stands.
    var processes: [Int32] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return numbers.compactMap { Int32($0) }.filter {
            guard $0 != getpid(), isAlive($0) else { return false }
            let line = FileManager.default.contents(atPath: "/proc/\($0)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).contains(folder)
        }
    }

    /// Removes a folder while servers that are ending remove their own files from it.
    ///
    /// `FileManager` gives up, and leaves the folder, when a file is gone before it comes to it.
    private static func remove(_ folder: String) {
        let removal = Process()
        removal.executableURL = URL(fileURLWithPath: "/bin/rm")
        removal.arguments = ["-rf", folder]
        do { try removal.run() } catch { Issue.record("\(folder) cannot be removed: \(error)") }
        removal.waitUntilExit()
        if removal.terminationStatus != 0 { Issue.record("\(folder) could not be removed") }
    }

    /// A proxy whose server ends with it.
    func withProxy<Result>(
        _ package: String? = nil, _ change: (inout ProxyConfiguration) -> Void = { _ in },
        _ body: (Proxy) async throws -> Result
    ) async throws -> Result {
        try await PythonProxy.withProxy(
            configured(package, change), context: context, body)
    }

    /// A proxy that the test must stop.
    func proxy(
        _ package: String? = nil, _ change: (inout ProxyConfiguration) -> Void = { _ in }
    ) async throws -> Proxy {
        try await Proxy(configured(package, change), context: context)
    }

    /// The end of what the servers have logged, for messages.
    var logs: String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".log") }.map {
            LogTail.text(of: folder + "/" + $0)
        }.joined(separator: "\n")
    }

    private func configured(
        _ package: String?, _ change: (inout ProxyConfiguration) -> Void
    ) -> ProxyConfiguration {
        var configuration = configuration
        configuration.package = package
        change(&configuration)
        return configuration
    }
}

/// Whether a process exists, and is not just waiting for whoever adopted it to take note of its end.
func isAlive(_ process: Int32) -> Bool {
    let statistics = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    let state = statistics?.split(separator: ")").last?.first { $0 != " " }
    return kill(process, 0) == 0 && state != "Z"
}
