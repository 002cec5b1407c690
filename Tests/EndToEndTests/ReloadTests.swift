import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Files that change while a server runs.
struct ReloadTests {
    @Test(
        arguments: TestEnvironment.all,
        ReloadScenario.all.filter { TestEnvironment.hasPackages || !$0.needsPackages })
    func callsAfterASaveSeeIt(environment: TestEnvironment, scenario: ReloadScenario) async throws {
        try await Workspace.with(environment) { workspace in
            try await scenario.run(in: workspace.folder + "/python", of: workspace)
        }
    }

    private func save(_ text: String, _ name: String = "m", in workspace: Workspace) throws {
        try text.write(
            toFile: "\(workspace.folder)/python/\(name).py", atomically: true, encoding: .utf8)
    }

    // MARK: Calls that run

    private static let waiting = """
        import time, os
        VERSION = 1
        def version(): return VERSION
        def slow(path):
            before = version()
            print("started", flush=True)
            while not os.path.exists(path): time.sleep(0.001)
            return [before, version(), VERSION]

        """

    @Test(arguments: TestEnvironment.all)
    func aRunningCallFinishesOnTheOldCodeAndTheNextOneWaitsForTheNew(
        environment: TestEnvironment
    ) async throws {
        try await Workspace.with(environment, modules: ["m": Self.waiting]) { workspace in
            try await workspace.withProxy("m") { m in
                let release = workspace.folder + "/release"
                let output = m.server.output
                let running = Task { () -> [Int] in try await m.slow(release) }
                for await chunk in output where chunk.text.contains("started") { break }
                try save(
                    Self.waiting.replacingOccurrences(of: "VERSION = 1", with: "VERSION = 2"),
                    in: workspace)
                let next = Task { () -> Int in try await m.version() }
                // Answered while the call runs, on whatever code.
                try await m.server.ping()
                #expect(FileManager.default.createFile(atPath: release, contents: nil))
                #expect(try await running.value == [1, 1, 1])
                #expect(try await next.value == 2)
            }
        }
    }

    /// Sixty modules with numpy: each has a version, and copies of those of the modules that it imports, taken
    /// when it was loaded. Both must agree in every answer, also while calls run all the time.
    @Test(.needsPackages, arguments: TestEnvironment.all)
    func randomEditsNeverMixOldAndNewCode(environment: TestEnvironment) async throws {
        let project = RandomProject(moduleCount: 60)
        try await Workspace.with(environment) { workspace in
            let folder = workspace.folder + "/python"
            try project.write(to: folder)
            // All of the edits on one version of Python, a part on the others: they take a while.
            let count = environment.folder == (try TestEnvironment.any).folder ? 1000 : 100
            try await workspace.withProxy("project.top") { top in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let isDone = ConditionMutex(false)
                    for _ in 0..<3 {
                        group.addTask {
                            while !isDone.withLock({ $0 }) {
                                let mixtures: [String] = try await top.mixtures()
                                #expect(mixtures == [])
                                if !mixtures.isEmpty { return }
                            }
                        }
                    }
                    defer { isDone.withLock { $0 = true } }
                    var edits = project
                    for _ in 0..<count {
                        let version = try edits.editRandomly(in: folder)
                        let seen: Int = try await top.version_of(edits.last)
                        #expect(seen == version, "m\(edits.last)\n\(workspace.logs)")
                        if seen != version { return }
                    }
                    let versions: [Int] = try await top.versions()
                    #expect(versions == edits.versions)
                }
            }
        }
    }

    /// Git writes the files one after the other, and is not always quick.
    @Test func switchingBranchesIsOneReload() async throws {
        try await Workspace.with(try .any) { workspace in
            let folder = workspace.folder + "/python"
            let names = (0..<500).map { "m\($0)" }
            func write(_ version: Int) throws {
                for name in names {
                    try "V = \(version)\n".write(
                        toFile: "\(folder)/p/\(name).py", atomically: false, encoding: .utf8)
                }
            }
            func git(_ arguments: String...) async throws {
                let result = try await NativeThread.run {
                    try ShortProcess.run(
                        "/usr/bin/env",
                        ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", folder]
                            + arguments,
                        variables: workspace.context.variables, directory: folder,
                        milliseconds: 60_000)
                }
                #expect(result.ending == .exit(status: 0), "\(result.error)")
            }
            try FileManager.default.createDirectory(
                atPath: folder + "/p", withIntermediateDirectories: true)
            let imports = names.map { "from p.\($0) import V as \($0)\n" }.joined()
            try (imports + "def f(): return sum([\(names.joined(separator: ", "))])\n").write(
                toFile: folder + "/p/__init__.py", atomically: false, encoding: .utf8)
            try write(1)
            try await git("init", "--quiet", "--initial-branch", "one")
            try await git("add", "p")
            try await git("commit", "--quiet", "-m", "one")
            try await git("checkout", "--quiet", "-b", "two")
            try write(2)
            try await git("commit", "--quiet", "-a", "-m", "two")
            try await workspace.withProxy("p") { p in
                #expect(try await p.f() as Int == 1000)
                let reloads = p.server.reloads
                try await git("checkout", "--quiet", "one")
                #expect(try await p.f() as Int == 500)
                let event = try #require(await reloads.first { _ in true })
                #expect(event.modules.count == 501)
            }
        }
    }

    // MARK: Events

    @Test func everyClientLearnsOfAReloadWithoutACall() async throws {
        try await Workspace.with(try .any, modules: ["m": "def f(): return 1\n"]) { workspace in
            try await workspace.withProxy("m") { first in
                let second = try await workspace.proxy("m") { $0.isScoped = true }
                let streams = [first.server.reloads, second.server.reloads]
                try save("def f(): return 2\n", in: workspace)
                for stream in streams {
                    let event = try #require(await stream.first { _ in true })
                    #expect(event.modules == ["m"])
                    #expect(event.kinds == ["m": .patched])
                    #expect(event.error == nil)
                    #expect(event.duration > .zero)
                    #expect(event.description.hasPrefix("patched m ("))
                }
                try save("def f(: return 2\n", in: workspace)
                let event = try #require(await streams[0].first { _ in true })
                #expect(event.kinds == ["m": .broken])
                #expect(event.error?.type == "SyntaxError")
                await second.disconnect()
            }
        }
    }

    @Test func whatAModulePrintsWhileItIsReloadedIsDelivered() async throws {
        try await Workspace.with(try .any, modules: ["m": "x = 1\n"]) { workspace in
            try await workspace.withProxy("m") { m in
                let output = m.server.output
                try save("print(f'hello from {__name__}')\n", in: workspace)
                for await chunk in output where chunk.text.contains("hello from m") {
                    #expect(chunk.callID == nil)
                    break
                }
            }
        }
    }

    // MARK: Asked for

    @Test func withoutAutoreloadOnlyARequestReloads() async throws {
        let modules = [
            "m": "def f(): return 1\n",
            "n": "state = []\ndef add():\n    state.append(1)\n    return len(state)\n",
        ]
        try await Workspace.with(try .any, modules: modules) { workspace in
            try await workspace.withProxy(nil, { $0.autoreload = false }) { proxy in
                var value: Int = try await proxy.m.f()
                value += try await proxy.n.add()
                #expect(value == 2)
                try save("def f(): return 5\n", in: workspace)
                #expect(try await proxy.m.f() as Int == 1)
                let event = try await proxy.server.reload(onlyChanged: true)
                #expect(event.kinds == ["m": .patched])
                #expect(try await proxy.m.f() as Int == 5)
                #expect(try await proxy.n.add() as Int == 2)
                #expect(try await proxy.server.reload(onlyChanged: true).modules == [])
                #expect(try await proxy.server.reload().kinds == ["m": .reloaded, "n": .reloaded])
                #expect(try await proxy.n.add() as Int == 1)
            }
        }
    }

    @Test(.enabled(if: !TestEnvironment.delaysSignals, "the loop gets the signal too late"))
    func aReloadThatDoesNotEndCanBeInterrupted() async throws {
        try await Workspace.with(try .any, modules: ["m": "def f(): return 1\n"]) { workspace in
            try await workspace.withProxy("m") { m in
                let output = m.server.output
                try save("print('begun', flush=True)\nwhile True: pass\n", in: workspace)
                for await chunk in output where chunk.text.contains("begun") { break }
                await #expect(throws: ProxyError.timedOut(after: .milliseconds(50))) {
                    try await m.with(timeout: .milliseconds(50)).f()
                }
                let reloads = m.server.reloads
                let control = try await ControlConnection(to: try m.place)
                let calls = try await control.status().calls
                #expect(calls.map(\.target) == ["(reloading changed files)"])
                let count = try await control.interrupt(nil)
                control.close()
                #expect(count == 1)
                let event = try #require(await reloads.first { _ in true })
                #expect(event.error?.type == "KeyboardInterrupt")
                try save("def f(): return 2\n", in: workspace)
                #expect(try await m.f() as Int == 2)
            }
        }
    }

    // MARK: Data files

    @Test func dataFilesThatChangeAreTold() async throws {
        let module = """
            import json, pathlib
            FILE = pathlib.Path(__file__).parent.parent / "data" / "deep" / "table.json"
            def load():
                global table
                table = json.loads(FILE.read_text())
            def f(): return table
            def __data_changed__(paths):
                if str(FILE) in paths: load()
            load()
            """
        try await Workspace.with(try .any, modules: ["m": module]) { workspace in
            let data = workspace.folder + "/data/deep"
            try FileManager.default.createDirectory(
                atPath: data, withIntermediateDirectories: true)
            try "1".write(toFile: data + "/table.json", atomically: true, encoding: .utf8)
            let change: (inout ProxyConfiguration) -> Void = {
                $0.workingDirectory = workspace.folder
                $0.dataFiles = ["data/**/*.json"]
            }
            try await workspace.withProxy("m", change) { m in
                #expect(try await m.f() as Int == 1)
                let reloads = m.server.reloads
                try "2".write(toFile: data + "/table.json", atomically: true, encoding: .utf8)
                #expect(try await m.f() as Int == 2)
                let event = try #require(await reloads.first { _ in true })
                #expect(event.dataFiles == [data + "/table.json"])
                #expect(event.modules == [])
                // The same contents, and a file that does not match.
                try "2".write(toFile: data + "/table.json", atomically: true, encoding: .utf8)
                try "9".write(toFile: data + "/other.txt", atomically: true, encoding: .utf8)
                #expect(try await m.f() as Int == 2)
                try "3".write(toFile: data + "/new.json", atomically: true, encoding: .utf8)
                let next = try #require(await reloads.first { _ in true })
                #expect(next.dataFiles == [data + "/new.json"])
                try "{".write(toFile: data + "/table.json", atomically: true, encoding: .utf8)
                let failed = try #require(await reloads.first { _ in true })
                #expect(failed.error?.type == "JSONDecodeError")
                #expect(try await m.f() as Int == 2)
            }
        }
    }

    // MARK: Whose code

    @Test func installedPackagesStayAsTheyWereLoaded() async throws {
        let module =
            "import sys\nsys.path.append('FOLDER')\nimport installed\ndef f(): return installed.f()\n"
        try await Workspace.with(try .any) { workspace in
            let folder = workspace.folder + "/lib/site-packages"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            let installed = folder + "/installed.py"
            try "def f(): return 1\n".write(toFile: installed, atomically: true, encoding: .utf8)
            try save(module.replacingOccurrences(of: "FOLDER", with: folder), in: workspace)
            try await workspace.withProxy("m") { m in
                #expect(try await m.f() as Int == 1)
                try "def f(): return 2\n".write(
                    toFile: installed, atomically: true, encoding: .utf8)
                #expect(try await m.f() as Int == 1)
                #expect(try await m.server.reload().modules == ["m"])
                #expect(try await m.f() as Int == 1)
            }
        }
    }

    /// A package that a virtual environment only links to, as `pip install --editable` does it.
    @Test(arguments: TestEnvironment.all)
    func anEditableInstallIsReloaded(environment: TestEnvironment) async throws {
        try await Workspace.with(environment) { workspace in
            let folder = workspace.folder + "/env"
            try await NativeThread.run {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: environment.folder + "/bin/python")
                process.arguments = ["-m", "venv", "--without-pip", folder]
                try process.run()
                process.waitUntilExit()
                #expect(process.terminationStatus == 0)
            }
            let source = workspace.folder + "/source/package"
            try FileManager.default.createDirectory(
                atPath: source, withIntermediateDirectories: true)
            try (workspace.folder + "/source\n").write(
                toFile:
                    "\(folder)/lib/python3.\(environment.minorVersion)/site-packages/package.pth",
                atomically: true, encoding: .utf8)
            func save(_ text: String) throws {
                try text.write(
                    toFile: source + "/__init__.py", atomically: true, encoding: .utf8)
            }
            try save("def f(): return 1\n")
            let change: (inout ProxyConfiguration) -> Void = {
                $0.python = PythonEnvironment(folder)
                $0.path = []
            }
            try await workspace.withProxy("package", change) { package in
                #expect(try await package.f() as Int == 1)
                try save("K = 2\ndef f(): return K\n")
                #expect(try await package.f() as Int == 2)
            }
        }
    }

    @Test func modulesOfTheWorkingDirectoryAreReloaded() async throws {
        try await Workspace.with(try .any) { workspace in
            let file = workspace.folder + "/local.py"
            try "def f(): return 1\n".write(toFile: file, atomically: true, encoding: .utf8)
            try await workspace.withProxy("local", { $0.workingDirectory = workspace.folder }) {
                #expect(try await $0.f() as Int == 1)
                try "def f(): return 2\n".write(toFile: file, atomically: true, encoding: .utf8)
                #expect(try await $0.f() as Int == 2)
            }
        }
    }

    @Test func theServiceIsReloaded() async throws {
        try await Workspace.with(try .any, modules: ["tools": "def f(): return 1\n"]) { workspace in
            try await workspace.withProxy(nil, { $0.service = "tools" }) { proxy in
                #expect(try await proxy.f() as Int == 1)
                try save("def f(): return g()\ndef g(): return 2\n", "tools", in: workspace)
                #expect(try await proxy.f() as Int == 2)
                #expect(try await proxy.g() as Int == 2)
            }
        }
    }
}
