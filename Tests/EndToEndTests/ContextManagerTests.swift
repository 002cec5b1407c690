import Foundation
import Testing

@testable import PythonProxy

/// `withContext` over several calls, and modules of source code.
@Suite(.timeLimit(.minutes(5)))
struct ContextManagerTests: SampleModuleTests {
    static let module = """
        import contextvars
        LOG = []
        VALUE = contextvars.ContextVar("value", default=0)
        class Manager:
            def __init__(self, value): self.value = value
            def __enter__(self):
                self.token = VALUE.set(self.value)
                return self
            def __exit__(self, kind, error, traceback):
                LOG.append([kind.__name__ if kind else None, str(error) if error else None])
                VALUE.reset(self.token)
                return isinstance(error, KeyError)
        def value(): return VALUE.get()
        def log(): return LOG
        def fail(text): raise ValueError(text, 3)
        """

    struct Failed: Error {}

    @Test(arguments: TestEnvironment.all)
    func aContextManagerIsLeftWhateverHappens(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let manager: PythonObject = try await sample.Manager(1)
            let value: Int = try await withContext(manager) { entered in
                #expect(entered == manager)
                return try await sample.value()
            }
            let outside: Int = try await sample.value()
            #expect(value == 1 && outside == 0)
            await #expect(throws: Failed.self) {
                try await withContext(manager) { _ in throw Failed() }
            }
            await #expect(throws: PythonError.self) {
                try await withContext(manager) { _ in try await sample.fail("no") }
            }
            let task = Task {
                try await withContext(manager) { _ in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await sample.value()
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let log: [[String?]] = try await sample.log()
            try #require(log.count == 4)
            #expect(log[0] == [nil, nil])
            #expect(log[1][0] == "SwiftError" && log[1][1]?.contains("Failed()") == true)
            #expect(log[2] == ["ValueError", "('no', 3)"])
            #expect(log[3][1]?.contains("CancellationError") == true)
            let error = await #expect(throws: PythonError.self) {
                let number: PythonObject = try await sample.value()
                try await withContext(number) { _ in }
            }
            #expect(error?.message.contains("no context manager") == true)
        }
    }

    /// Each has its own context, whatever runs beside it.
    @Test(arguments: TestEnvironment.all)
    func contextsOfTasksAreTheirOwn(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...20 {
                    group.addTask {
                        let manager: PythonObject = try await sample.Manager(number)
                        let other: PythonObject = try await sample.Manager(-number)
                        for _ in 0..<5 {
                            try await withContext(manager) { _ in
                                var value: Int = try await sample.value()
                                #expect(value == number)
                                try await withContext(other) { _ in
                                    value = try await sample.value()
                                    #expect(value == -number)
                                }
                                value = try await sample.script { py in py.sample.value() }
                                #expect(value == number)
                            }
                        }
                    }
                    group.addTask {
                        for _ in 0..<20 {
                            let value: Int = try await sample.value()
                            #expect(value == 0)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(.needsPackages, arguments: TestEnvironment.all)
    func stateOfNumpyAndDecimalIsThatOfTheBlock(environment: TestEnvironment) async throws {
        try await Workspace.with(environment) { workspace in
            try await workspace.withProxy { python in try await Self.useState(python) }
        }
    }

    private static func useState(_ python: Proxy) async throws {
        let state: PythonObject = try await python.numpy.errstate(divide: "raise")
        await #expect(throws: PythonError.self) {
            try await withContext(state) { _ in
                try await python.numpy.divide(NDArray([1.0]), NDArray([0.0]))
            }
        }
        let inf: [Double] = try await python.numpy.divide(NDArray([1.0]), NDArray([0.0]))
        #expect(inf == [.infinity])
        let local: PythonObject = try await python.decimal.localcontext()
        let digits: Int = try await withContext(local) { context in
            try await context.prec.set(5)
            return try await (python.decimal.getcontext() as PythonObject).prec.get()
        }
        let outside: Int = try await (python.decimal.getcontext() as PythonObject).prec.get()
        #expect(digits == 5 && outside == 28)
    }

    @Test(arguments: TestEnvironment.all)
    func sourceCodeIsAModule(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let lab = try await PythonModule(
                """
                import dataclasses, functools, sys
                @dataclasses.dataclass
                class Point:
                    x: int
                    def double(self): return Point(self.x * 2)
                @functools.cache
                def square(x): return x * x
                def count(n):
                    for i in range(n): yield Point(i)
                def fail(): raise ValueError("here")
                def modules(): return sum(name.startswith("inline_") for name in sys.modules)
                scale = 2
                """, on: sample)
            let nine: Int = try await lab.square(3)
            let points: [PythonObject] = try await lab.count(3)
            let two: Int = try await (points[1].double() as PythonObject).x.get()
            #expect(nine == 9 && points.count == 3 && two == 2)
            try await lab.scale.set(5)
            let scale: Int = try await lab.scale.get()
            #expect(scale == 5)
            let error = await #expect(throws: PythonError.self) { try await lab.fail() }
            #expect(error?.traceback.last?.source == "def fail(): raise ValueError(\"here\")")
            #expect(error?.traceback.last?.file.contains("ContextManagerTests.swift") == true)
            let wrong = await #expect(throws: PythonError.self) {
                try await PythonModule("def f(:", on: sample)
            }
            #expect(wrong?.type == "SyntaxError")
            // Those that nobody has are gone.
            let modules = lab.modules
            for number in 0..<10 {
                _ = try await PythonModule("x = \(number)", on: sample)
            }
            try await waitUntil("one module is left") { try await modules() as Int == 1 }
        }
    }
}
