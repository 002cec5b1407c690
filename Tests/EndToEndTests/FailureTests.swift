import Foundation
import Testing

@testable import PythonProxy

/// Exceptions, wrong environments, wrong names.
@Suite(.timeLimit(.minutes(10)))
struct FailureTests: SampleModuleTests {
    static let module = """
        class Odd(Exception):
            def __str__(self): raise RuntimeError
        def inner(x): return 1 / x
        def outer(x): return inner(x)
        def chained():
            try: inner(0)
            except ZeroDivisionError as error: raise ValueError("no good") from error
        def handling():
            try: inner(0)
            except ZeroDivisionError: raise KeyError("k")
        def noted():
            error = ValueError("x"); error.add_note("first"); error.add_note("second"); raise error
        def odd(): raise Odd()
        def exit(): raise SystemExit(3)
        def interrupt(): raise KeyboardInterrupt
        def deep(n=0): return deep(n + 1)
        def prints_and_raises(): print("said before"); raise ValueError
        def fine(): return 1
        """

    private func pythonError(_ body: () async throws -> Void) async throws -> PythonError {
        let error = await #expect(throws: PythonError.self) { try await body() }
        return try #require(error)
    }

    @Test(arguments: TestEnvironment.bothWays)
    func anExceptionArrivesWithItsTraceback(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let error = try await pythonError { try await sample.outer(0) }
            #expect(error.type == "ZeroDivisionError")
            #expect(error.module == "builtins")
            #expect(error.message.contains("division"))
            #expect(error.traceback.map(\.function) == ["outer", "inner"])
            #expect(error.traceback.map(\.line) == [4, 3])
            #expect(error.traceback.last?.source == "def inner(x): return 1 / x")
            #expect(error.traceback.last?.file.hasSuffix("/sample.py") == true)
            #expect(error.description.hasPrefix("Traceback (most recent call last):\n"))
            #expect(error.description.contains("ZeroDivisionError: "))
            let fine: Int = try await sample.fine()
            #expect(fine == 1)
        }
    }

    @Test(arguments: TestEnvironment.all)
    func causesContextsAndNotesArrive(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let chained = try await pythonError { try await sample.chained() }
            #expect(chained.cause?.type == "ZeroDivisionError")
            #expect(chained.context == nil)
            #expect(chained.description.contains("direct cause"))
            let handling = try await pythonError { try await sample.handling() }
            #expect(handling.context?.type == "ZeroDivisionError")
            #expect(handling.message == "'k'")
            let noted = try await pythonError { try await sample.noted() }
            #expect(noted.notes == ["first", "second"])
        }
    }

    @Test(arguments: TestEnvironment.all)
    func unusualExceptionsAreExceptionsLikeAnyOther(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let types = [
                "odd": "Odd", "exit": "SystemExit", "interrupt": "KeyboardInterrupt",
                "deep": "RecursionError",
            ]
            for (function, type) in types {
                let error = try await pythonError { try await sample[function]() }
                #expect(error.type == type)
                #expect(error.traceback.count <= 100)
            }
            let fine: Int = try await sample.fine()
            #expect(fine == 1)
        }
    }

    @Test func anErrorCarriesWhatTheCallPrinted() async throws {
        try await withModule(try .any) { sample in
            let error = try await pythonError { try await sample.prints_and_raises() }
            #expect(error.output == "said before\n")
        }
    }

    @Test func wrongNamesSayWhatIsMeant() async throws {
        try await withModule(try .any) { sample in
            let error = try await pythonError { try await sample.fin() }
            #expect(error.type == "AttributeError")
            #expect(error.message.contains("Did you mean: 'fine'?"))
            let missing = try await pythonError { try await sample.nothing.at.all() }
            #expect(missing.message.contains("nothing"))
            let arguments = try await pythonError { try await sample.fine(1, two: 2) }
            #expect(arguments.type == "TypeError")
        }
        try await Workspace.with(try .any) { workspace in
            try await workspace.withProxy { python in
                let bare = try await pythonError { try await python.fine() }
                #expect(bare.message.contains("full dotted path"))
            }
        }
    }

    @Test(.needsPackages) func aPackageThatIsNotInstalledNamesEnvironmentAndCommand() async throws {
        try await Workspace.with(.bare) { workspace in
            let error = await #expect(throws: ProxyError.self) {
                try await workspace.proxy("numpy.linalg")
            }
            guard case .environment(let environment) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(environment.problem == .packageNotInstalled)
            #expect(environment.description.contains(TestEnvironment.bare.folder))
            #expect(environment.description.contains("-m pip install numpy"))
        }
    }

    @Test func aModuleThatRaisesAtImportGivesItsError() async throws {
        let modules = ["broken": "import numpyy", "wrong": "def f(:\n", "raises": "1 / 0"]
        try await Workspace.with(try .any, modules: modules) { workspace in
            let types = [
                "broken": "ModuleNotFoundError", "wrong": "SyntaxError",
                "raises": "ZeroDivisionError",
            ]
            for (module, type) in types {
                let error = try await pythonError { _ = try await workspace.proxy(module) }
                #expect(error.type == type)
            }
        }
    }

    @Test func aServiceThatCannotBeImportedSaysWhyAndLeavesNothing() async throws {
        try await Workspace.with(try .any, modules: ["raises": "1 / 0"]) { workspace in
            let error = await #expect(throws: ProxyError.self) {
                try await workspace.proxy(nil) { $0.service = "raises" }
            }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.contains("ZeroDivisionError"))
            #expect(text.contains("'raises'"))
            let left = try FileManager.default.contentsOfDirectory(atPath: workspace.folder)
            #expect(!left.contains { $0.hasSuffix(".sock") })
        }
    }

    @Test func impossibleRequestsAreRefusedWithTheRemedy() async throws {
        try await Workspace.with(try .any) { workspace in
            let changes: [(String, (inout ProxyConfiguration) -> Void)] = [
                ("tcp", { $0.url = "tcp://0.0.0.0" }),
                ("working directory", { $0.workingDirectory = "/nowhere" }),
                ("sys.path", { $0.path = ["/nowhere"] }),
                ("socket path", { $0.url = "unix:/tmp/" + String(repeating: "x", count: 200) }),
            ]
            for (word, change) in changes {
                let error = await #expect(throws: ProxyError.self) {
                    try await workspace.proxy(nil, change)
                }
                #expect("\(error.map { "\($0)" } ?? "")".contains(word))
            }
            var workspace = workspace
            workspace.context.programDirectory = "/nowhere"
            workspace.context.variables["PATH"] = ""
            let error = await #expect(throws: ProxyError.self) { try await workspace.proxy() }
            #expect("\(error.map { "\($0)" } ?? "")".contains("pyproxy-server"))
        }
    }

    @Test func anInterpreterWithoutLibraryNeedsTheExtensionModule() async throws {
        try await Workspace.with(try .any) { workspace in
            var workspace = workspace
            let folder = workspace.folder + "/bin"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false)
            let server = workspace.context.programDirectory + "/pyproxy-server"
            try FileManager.default.copyItem(atPath: server, toPath: folder + "/pyproxy-server")
            workspace.context.variables["PYPROXY_SERVER"] = folder + "/pyproxy-server"
            workspace.context.variables["PYPROXY_EMBEDDING"] = "extension"
            let error = await #expect(throws: ProxyError.self) { try await workspace.proxy() }
            guard case .environment(let environment) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(environment.problem == .libpythonMissing)
            #expect(environment.description.contains("PyProxyServerExtension"))
        }
    }

    // MARK: Odd places

    @Test func anEnvironmentWhosePathHasALineBreakIsServed() async throws {
        try await Workspace.with(try .any) { workspace in
            let folder = workspace.folder + "/python/a\nb"
            let made = try await Task.detached {
                try ShortProcess.run(
                    try TestEnvironment.any.folder + "/bin/python",
                    ["-m", "venv", "--without-pip", folder],
                    variables: workspace.context.variables, directory: workspace.folder,
                    milliseconds: 60_000)
            }.value
            #expect(made.ending == .exit(status: 0))
            try await workspace.withProxy(nil, { $0.python = PythonEnvironment(folder) }) {
                python in
                let prefix: String = try await python.sys.prefix.get()
                #expect(prefix == folder)
            }
        }
    }

    @Test func modulesAreFoundInAnArchive() async throws {
        try await Workspace.with(try .any) { workspace in
            let archive = workspace.folder + "/python/modules.zip"
            _ = try await workspace.withProxy { python in
                try await python.builtins.exec(
                    """
                    import zipfile
                    with zipfile.ZipFile("\(archive)", "w") as file:
                        file.writestr("archived.py", "def f(): return 7\\n")
                    """)
            }
            try await workspace.withProxy("archived", { $0.path = [archive] }) { archived in
                let seven: Int = try await archived.f()
                #expect(seven == 7)
            }
        }
    }

    @Test func aCurrentFolderThatHasBeenDeletedIsNamed() async throws {
        try await Workspace.with(try .any) { original in
            var workspace = original
            workspace.context.workingDirectory = workspace.folder + "/deleted"
            let deleted = workspace
            let error = await #expect(throws: ProxyError.self) {
                try await deleted.withProxy { _ in }
            }
            #expect("\(String(describing: error))".contains("/deleted has been deleted"))
            // A server that is given another one starts.
            try await deleted.withProxy("math", { $0.workingDirectory = "/" }) { math in
                let root: Double = try await math.sqrt(4)
                #expect(root == 2)
            }
        }
    }

    @Test(.needsPackages) func aPackageIsInstalledByItsNameOnTheIndex() async throws {
        try await Workspace.with(.bare) { workspace in
            let error = await #expect(throws: ProxyError.self) { try await workspace.proxy("cv2") }
            let text = String(describing: error)
            #expect(text.contains("no package cv2") && text.contains("install opencv-python"))
        }
    }
}
