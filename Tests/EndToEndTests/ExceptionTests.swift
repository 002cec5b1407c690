import Foundation
import Testing

@testable import PythonProxy

/// Exceptions of every kind: what arrives of them, and how they read.
@Suite(.timeLimit(.minutes(5)))
struct ExceptionTests: SampleModuleTests {
    static let module = #"""
        import sys, traceback

        def cause():
            try: fail_deep()
            except KeyError as error: raise ValueError("outer") from error
        def context():
            try: fail_deep()
            except KeyError: raise ValueError("outer")
        def fail_deep(): raise KeyError("deep")
        def notes():
            error = ValueError("noted")
            error.add_note("first"); error.add_note("second\nin two lines")
            raise error
        def recursion(): recurse(500)
        def recurse(n):
            if n == 0: raise RuntimeError("bottom")
            recurse(n - 1)
        def made(kind, *arguments):
            try: raise kind(*arguments)
            except kind as error: return error
        def group(): raise ExceptionGroup("many", [made(ValueError, "a"), TypeError("b\nc")])
        def nested():
            inner = ExceptionGroup("inner", [TypeError("b"), made(OSError, 2, "gone")])
            raise ExceptionGroup("outer", [ValueError("a"), inner])
        def nested_first():
            inner = ExceptionGroup("inner", [TypeError("b")])
            raise ExceptionGroup("outer", [inner, ValueError("a")])
        def caused_group():
            try: group()
            except ExceptionGroup as error: raise RuntimeError("after the group") from error
        def group_with_cause():
            try: fail_deep()
            except KeyError as error:
                raise ExceptionGroup("many", [ValueError("a")]) from error
        def member_with_cause():
            try: cause()
            except ValueError as error: raise ExceptionGroup("many", [error, TypeError("b")])
        def missing(): open("/nowhere/at/all")
        def code(): sys.exit(3)

        def formatted(name):
            try: globals()[name]()
            except BaseException as error:
                error.__traceback__ = error.__traceback__.tb_next
                return "".join(traceback.format_exception(error))

        class Endless(Exception):
            def __str__(self): sys.exit(2)
        def odd():
            error = Endless()
            error.__notes__ = 5
            raise error
        def text(value): return str(value)
        """#

    static let kinds = [
        "cause", "context", "notes", "recursion", "group", "nested", "nested_first",
        "caused_group", "group_with_cause", "member_with_cause", "missing",
    ]

    @Test(arguments: TestEnvironment.all)
    func aDescriptionReadsAsPythonsTraceback(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            for kind in Self.kinds {
                let error = await #expect(throws: PythonError.self) { try await sample[kind]() }
                let expected: String = try await sample.formatted(kind)
                // Without the lines that point to a part of the line above.
                let lines = expected.split(separator: "\n", omittingEmptySubsequences: false)
                    .filter { !$0.contains("^") && !$0.contains("~~") }
                let description = try #require(error).description
                #expect(description + "\n" == lines.joined(separator: "\n"), "\(kind)")
            }
        }
    }

    @Test(arguments: TestEnvironment.all)
    func everythingThatAnExceptionCarriesArrives(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let missing = try #require(
                await #expect(throws: PythonError.self) { try await sample.missing() })
            #expect(missing.type == "FileNotFoundError")
            #expect(missing.bases == ["OSError", "Exception", "BaseException"])
            #expect(missing.attributes["errno"] == 2)
            #expect(missing.attributes["filename"] == "/nowhere/at/all")
            #expect(missing.args == [2, "No such file or directory"])
            let exit = try #require(
                await #expect(throws: PythonError.self) { try await sample.code() })
            #expect(exit.type == "SystemExit" && exit.attributes["code"] == 3)
            let group = try #require(
                await #expect(throws: PythonError.self) { try await sample.nested() })
            #expect(group.exceptions.map(\.type) == ["ValueError", "ExceptionGroup"])
            #expect(group.exceptions[1].exceptions[1].attributes["errno"] == 2)
            let odd = try #require(
                await #expect(throws: PythonError.self) { try await sample.odd() })
            #expect(odd.type == "Endless" && odd.module == "sample")
            #expect(odd.message == "<the exception's __str__ raised SystemExit>")
            #expect(odd.notes == ["5"] && odd.traceback.map(\.function) == ["odd"])
            let text: String = try await sample.text(1)
            #expect(text == "1")
        }
    }

    // MARK: Files with the names of standard modules

    static let shadows = [
        "enum", "re", "token", "keyword", "operator", "collections", "functools", "tokenize",
        "traceback", "types", "importlib", "contextvars", "warnings", "typing", "weakref",
        "datetime", "json", "ast", "abc",
    ]

    @Test(arguments: TestEnvironment.all)
    func filesNamedLikeStandardModulesStopNothing(environment: TestEnvironment) async throws {
        var modules = ["sample": "def fail(): [].appendix\ndef fine(): return {1, 2}\n"]
        for name in Self.shadows { modules[name] = "raise RuntimeError('a file of the user')\n" }
        try await Workspace.with(environment, modules: modules) { workspace in
            let folder = workspace.folder + "/python"
            let server = try await workspace.proxy("sample") {
                $0.workingDirectory = folder
                $0.autoreload = true
            }
            let error = try #require(
                await #expect(throws: PythonError.self) { try await server.fail() })
            #expect(error.type == "AttributeError")
            #expect(error.message.hasSuffix("Did you mean: 'append'?"))
            #expect(error.traceback.first?.source == "def fail(): [].appendix")
            let set: Set<Int> = try await server.fine()
            #expect(set == [1, 2])
            let event = try await server.server.reload()
            #expect(event.modules.contains("sample") && event.error == nil)
            let other = try #require(
                await #expect(throws: PythonError.self) { _ = try await Proxy("types", on: server) }
            )
            #expect(other.type == "ImportError")
            #expect(other.message.contains("\(folder)/types.py has the same name"))
            await server.stopServer()
        }
    }
}
