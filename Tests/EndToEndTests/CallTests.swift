import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Calls, names and results, on every Python and in both ways of embedding.
@Suite(.timeLimit(.minutes(10)))
struct CallTests: SampleModuleTests {
    static let module = """
        import os, time
        answer = 42
        class Box:
            label = "a box"
            @staticmethod
            def double(x): return 2 * x
        def echo(*args, **kwargs): return args[0] if args and not kwargs else (list(args), kwargs)
        def pair(): return 3, "three"
        def add(a, b): return a + b
        def mul(a, b): return a * b
        def slow(seconds, value): time.sleep(seconds); return value
        def stopServer(x): return x + 1
        def hold_interpreter(path):
            import ctypes
            pipe = os.open(path, os.O_RDWR)
            print("held", flush=True)
            return ctypes.PyDLL(None).read(pipe, ctypes.create_string_buffer(1), 1)
        """

    @Test(arguments: TestEnvironment.bothWays)
    func resultsArriveAsTheTypeAskedFor(environment: TestEnvironment) async throws {
        struct Point: Codable, Equatable { var x: Double; var y: [Int] }
        try await withModule(environment) { sample in
            let number: Int = try await sample.add(1, 2)
            #expect(number == 3)
            let text: String = try await sample.add("a", "ü水𐅑")
            #expect(text == "aü水𐅑")
            let list: [[Int]] = try await sample.echo([[1, 2], [3]])
            #expect(list == [[1, 2], [3]])
            let (count, name): (Int, String) = try await sample.pair()
            #expect(count == 3 && name == "three")
            let point: Point = try await sample.echo(Point(x: 1, y: [2]))
            #expect(point == Point(x: 1, y: [2]))
            let nothing: Int? = try await sample.echo(Int?.none)
            #expect(nothing == nil)
            let any = try await sample.echo(1, "two", flag: true, items: [1, 2])
            #expect(any == .tuple([[1, "two"], ["flag": true, "items": [1, 2]]]))
        }
    }

    @Test(arguments: TestEnvironment.all)
    func namesLeadToModulesClassesAndAttributes(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let answer: Int = try await sample.answer.get()
            #expect(answer == 42)
            try await sample.answer.set(43)
            let changed: Int = try await sample.answer.get()
            #expect(changed == 43)
            let label: String = try await sample.Box.label.get()
            #expect(label == "a box")
            let doubled: Int = try await sample.Box.double(4)
            #expect(doubled == 8)
            let nested: Int = try await sample["Box.double"](5)
            #expect(nested == 10)
            let collides: Int = try await sample["stopServer"](1)
            #expect(collides == 2)
        }
    }

    @Test func aProxyWithoutPackageTakesFullPathsAndImportsSubmodules() async throws {
        try await Workspace.with(try .any) { workspace in
            try await workspace.withProxy { python in
                let root: Double = try await python.math.sqrt(2)
                #expect(root == 2.0.squareRoot())
                // A submodule that nobody has imported.
                let name: String = try await python.xml.dom.minidom.__name__.get()
                #expect(name == "xml.dom.minidom")
            }
        }
    }

    @Test func referencesOfOneProxyDoNotInfluenceEachOther() async throws {
        try await withModule(try .any) { sample in
            let (f, g) = (sample.add, sample.mul)
            let sum: Int = try await f(3, 4)
            let product: Int = try await g(3, 4)
            let again: Int = try await f(3, 4)
            let answers = [sum, product, again]
            #expect(answers == [7, 12, 7])
        }
    }

    @Test func aHundredCallsAtATimeEachGetTheirOwnAnswer() async throws {
        try await withModule(try .any) { sample in
            try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for index in 0..<100 {
                    group.addTask {
                        let value: Int = try await sample.slow(Double(index % 7) / 100, index)
                        return (index, value)
                    }
                }
                for try await (index, value) in group { #expect(index == value) }
            }
        }
    }

    @Test func aPingIsAnsweredWhileACallHoldsTheInterpreter() async throws {
        try await withModule(try .any) { sample in
            // A C function that keeps the GIL until something is written.
            let pipe = NSTemporaryDirectory() + "pyproxy-test-\(UUID().uuidString)"
            try #require(mkfifo(pipe, 0o600) == 0)
            defer { unlink(pipe) }
            let output = sample.server.output
            let call = Task { try await sample.hold_interpreter(pipe) as Int }
            for await chunk in output where chunk.text.contains("held") { break }
            for _ in 0..<20 { try await sample.server.ping() }
            try #require(FileHandle(forWritingAtPath: pipe)).write(contentsOf: Data([0]))
            #expect(try await call.value == 1)
        }
    }

    @Test func aServiceAnswersToBareNames() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy(nil, { $0.service = "sample" }) { proxy in
                let sum: Int = try await proxy.add(1, 2)
                #expect(sum == 3)
                let root: Double = try await proxy.math.sqrt(4)
                #expect(root == 2)
            }
            try await workspace.withProxy("math", { $0.service = "sample" }) { math in
                let root: Double = try await math.sqrt(4)
                let sum: Int = try await math.add(1, 2)
                #expect(root == 2 && sum == 3)
            }
        }
    }

    @Test func theWorkingDirectoryIsTheServersAndOnItsPath() async throws {
        try await Workspace.with(try .any) { workspace in
            let folder = workspace.folder + "/work"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false)
            try "where = __file__".write(
                toFile: folder + "/beside.py", atomically: true, encoding: .utf8)
            try await workspace.withProxy(nil, { $0.workingDirectory = folder }) { python in
                let current: String = try await python.os.getcwd()
                #expect(current == folder)
                let file: String = try await python.beside[attribute: "where"].get()
                #expect(file == folder + "/beside.py")
            }
        }
    }

    @Test func theServerRunsInsideTheVirtualEnvironment() async throws {
        for environment in TestEnvironment.bothWays {
            try await Workspace.with(environment) { workspace in
                try await workspace.withProxy { python in
                    let prefix: String = try await python.sys.prefix.get()
                    let executable: String = try await python.sys.executable.get()
                    #expect(prefix == environment.folder)
                    #expect(executable.hasPrefix(environment.folder + "/bin/python"))
                    let arguments: [String] = try await python.sys.argv.get()
                    #expect(arguments == [""])
                }
            }
        }
    }

    @Test(.needsPackages) func anInheritedPythonHomeDoesNoHarm() async throws {
        try await Workspace.with(try .any) { workspace in
            var workspace = workspace
            workspace.context.variables["PYTHONHOME"] = "/nowhere"
            try await workspace.withProxy("numpy") { numpy in
                let sum: Double = try await numpy.sum([1.0, 2])
                #expect(sum == 3)
            }
        }
    }

    @Test func aTimeLimitEndsTheWaitAndTheProxyStaysUsable() async throws {
        try await withModule(try .any) { sample in
            await #expect(throws: ProxyError.timedOut(after: .milliseconds(50))) {
                try await sample.with(timeout: .milliseconds(50)).slow(60, 1)
            }
            let sum: Int = try await sample.with(timeout: .seconds(20)).add(1, 2)
            #expect(sum == 3)
        }
    }

    @Test(arguments: TestEnvironment.all)
    func callsAtTheSameTimeWaitForTheFirstImport(environment: TestEnvironment) async throws {
        let module = """
            import time
            end = time.monotonic() + 0.2
            while time.monotonic() < end: time.sleep(0.001)
            def one(): return 1
            """
        try await Workspace.with(environment, modules: ["slow": module]) { workspace in
            try await workspace.withProxy { python in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<10 { group.addTask { try await python.slow.one() } }
                    let sum = try await group.reduce(0, +)
                    #expect(sum == 10)
                }
            }
        }
    }

    @Test func aCancelledTaskStopsWaiting() async throws {
        try await withModule(try .any) { sample in
            let task = Task { try await sample.slow(60, 1) as PythonValue }
            try await sample.waitUntilRunning(1)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let sum: Int = try await sample.add(1, 2)
            #expect(sum == 3)
        }
    }
}
