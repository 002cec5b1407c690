import Foundation
import Testing

@testable import PythonProxy

/// Calls run as the lines of a script: below a frame of `__main__`, whichever thread runs them.
@Suite(.timeLimit(.minutes(5)))
struct ScriptFrameTests {
    static let module = #"""
        import inspect, sys, threading, warnings

        def frames():
            "What can be reached from here: whether it is a module's frame, and which names it has."
            frame, found = sys._getframe(1), []
            while frame is not None:
                names = sorted(name for name in frame.f_locals if not name.startswith("__"))
                is_main = frame.f_globals is sys.modules["__main__"].__dict__
                found.append((is_main and frame.f_locals is frame.f_globals, names))
                frame = frame.f_back
            return found
        def depth(): return len(inspect.stack())
        def warn(): warnings.warn("careful", UserWarning, stacklevel=2)
        def on_main_thread(): return threading.current_thread() is threading.main_thread()
        def fail(): raise ValueError("no")
        def frame_of_error():
            try: fail()
            except ValueError as error: return [frame.function for frame in inspect.trace()]
        """#

    /// Runs `body` on the main thread, and on a worker while another call keeps the main thread busy.
    private func onBothThreads(
        _ environment: TestEnvironment, _ body: (Proxy, Proxy) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy { python in
                let sample = try await Proxy("sample", on: python)
                // Nothing else is called: the main thread does it.
                try await body(python, sample)
                try await python.whileMainThreadIsBusy {
                    #expect(try await !(sample.on_main_thread() as Bool))
                    try await body(python, sample)
                }
            }
        }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func textRunsAsInAScript(environment: TestEnvironment) async throws {
        let text = """
            import math
            def area(r): return math.pi * r * r
            total = sum(area(r) for r in [1, 2])
            """
        try await onBothThreads(environment) { python, _ in
            let builtins = python["builtins"]
            let two: Int = try await builtins.eval("1 + 1")
            #expect(two == 2)
            try await builtins.exec(text)
            let total: Double = try await builtins.eval("total")
            #expect(total == 5 * Double.pi)
            try await builtins.exec("x = 41")
            let x: Int = try await builtins.eval("x + 1")
            #expect(x == 42)
            // What was executed is there, and nothing of the server.
            let names: [String] = try await builtins.dir()
            #expect(
                names.filter { !$0.hasPrefix("__") } == ["area", "math", "total", "x"], "\(names)")
            let same: [String] = try await builtins.eval("sorted(globals())")
            #expect(names == same)
            try await builtins.exec("del area, math, total, x")
        }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func nothingOfTheServerCanBeReached(environment: TestEnvironment) async throws {
        try await onBothThreads(environment) { _, sample in
            let frames: [(Bool, [String])] = try await sample.frames.call(arguments: [])
                .as([[PythonValue]].self).map { (try $0[0].as(Bool.self), try $0[1].as()) }
            #expect(frames.allSatisfy { $0.0 && $0.1.isEmpty }, "\(frames)")
            #expect((1...2).contains(frames.count))
            let depth: Int = try await sample.depth()
            #expect((2...3).contains(depth))
            // Tracebacks show the user's frames only.
            let error = await #expect(throws: PythonError.self) { try await sample.fail() }
            #expect(error?.traceback.map(\.function) == ["fail"])
            let names: [String] = try await sample.frame_of_error()
            #expect(names == ["frame_of_error", "fail"])
        }
    }

    /// Modules are imported as by a line of a script, whatever leads to it.
    @Test(arguments: TestEnvironment.bothWays)
    func nothingOfTheServerIsBelowAnImport(environment: TestEnvironment) async throws {
        let looking = #"""
            import sys, warnings
            frame, FILES = sys._getframe(1), []
            while frame is not None:
                if not frame.f_code.co_filename.startswith("<frozen importlib"):
                    FILES.append(frame.f_code.co_filename)
                frame = frame.f_back
            warnings.warn(f"{__name__} is old", DeprecationWarning, stacklevel=2)
            def files(): return FILES
            """#
        let lazy = #"""
            def __getattr__(name):
                if name != "part": raise AttributeError(name)
                import looking_late
                return looking_late
            """#
        let names = ["looking", "looking_late", "looking_service", "looking_package"]
        var modules = Dictionary(uniqueKeysWithValues: names.map { ($0, looking) })
        modules["lazy"] = lazy
        try await Workspace.with(environment, modules: modules) { workspace in
            try await workspace.withProxy(nil, { $0.service = "looking_service" }) { python in
                let package = try await Proxy("looking_package", on: python)
                let files: [[String]] = [
                    try await package.files(), try await python.files(),
                    try await python.looking.files(), try await python.lazy.part.FILES.get(),
                ]
                for (index, files) in files.enumerated() {
                    let lazy = index == 3 ? [workspace.folder + "/python/lazy.py"] : []
                    // The outermost one has started the server.
                    #expect(files == lazy + ["<call>", "<string>"])
                }
            }
        }
    }

    @Test func everyCallWarnsAsAScriptWould() async throws {
        try await onBothThreads(try .any) { python, sample in
            let output = sample.server.output
            for _ in 0..<3 { try await sample.warn() }
            try await python.builtins.print("END")
            var text = ""
            for await chunk in output {
                text += chunk.text
                if text.hasSuffix("END\n") { break }
            }
            #expect(
                text == String(repeating: "<call>:1: UserWarning: careful\n", count: 3) + "END\n")
        }
    }

    @Test func namesOfMainAreSharedByAllClients() async throws {
        try await Workspace.with(try .any) { workspace in
            try await workspace.withProxy { first in
                let second = try await workspace.proxy { $0.isScoped = true }
                try await first.builtins.exec("shared = [1]")
                try await second.builtins.exec("shared.append(2)")
                let shared: [Int] = try await first.builtins.eval("shared")
                #expect(shared == [1, 2])
                await second.disconnect()
            }
        }
    }

    private func length(_ frame: PandasDataFrame) -> Int {
        (try? frame.index.plainItems().count) ?? -1
    }

    @Test(.needsPackages, arguments: [TestEnvironment.science1, .science2])
    func queriesOfDataFramesFindTheirNames(environment: TestEnvironment) async throws {
        try await onBothThreads(environment) { python, _ in
            let pandas = python["pandas"]
            let frame: PandasDataFrame = try await pandas.DataFrame(["v": [1, 2, 3]])
            let rows: PandasDataFrame = try await pandas.DataFrame.query(frame, "v > 1")
            #expect(length(rows) == 2)
            let three: Int = try await pandas.eval("1 + 2")
            #expect(three == 3)
            try await python.builtins.exec("limit = 2")
            let limited: PandasDataFrame = try await pandas.DataFrame.query(frame, "v > @limit")
            #expect(length(limited) == 1)
            let error = await #expect(throws: PythonError.self) {
                try await pandas.DataFrame.query(frame, "v > @configuration['port']")
            }
            #expect(error?.type == "UndefinedVariableError")
            try await python.builtins.exec("del limit")
        }
    }
}
