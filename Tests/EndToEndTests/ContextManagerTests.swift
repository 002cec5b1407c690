import Foundation
import Testing

@testable import PythonProxy

/// `withContext` over several calls, and modules of source code.
@Suite(.timeLimit(.minutes(5)))
struct ContextManagerTests: SampleModuleTests {
    static let module = """
        import contextvars, decimal, os, threading
        LOCK = threading.Lock()
        GO = threading.Event()
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
        class Slow(Manager):
            def __enter__(self):
                print("entering", flush=True)
                GO.wait()
                return super().__enter__()
        class Raising(Manager):
            def __exit__(self, kind, error, traceback): raise RuntimeError("not left")
        class Forking(Manager):
            def __exit__(self, kind, error, traceback):
                child = os.fork()
                if child == 0: raise RuntimeError("in the child")
                LOG.append([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])])
        class Named:
            def __init__(self, name): self.name = name
            def __enter__(self): return self
            def __exit__(self, kind, error, traceback): LOG.append([self.name, str(error)])
        class Writing(Named):
            def __exit__(self, kind, error, traceback):
                with open(self.name, "w") as file: file.write(str(error))
        def value(): return VALUE.get()
        def log(): return LOG
        def wait():
            print("waiting", flush=True)
            GO.wait()
        def stubborn():
            while True:
                try:
                    print("waiting", flush=True)
                    return GO.wait()
                except KeyboardInterrupt: LOG.append(["interrupted", None])
        def go(): GO.set()
        def is_locked(): return LOCK.locked()
        def say(text): print(text, flush=True)
        def fail(text): raise ValueError(text, 3)
        class Box:
            class Missing(Exception): pass
        def miss(): raise Box.Missing("nothing")
        def precision(): return decimal.getcontext().prec
        def set_precision(value): decimal.getcontext().prec = value
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
            await #expect(throws: PythonError.self) {
                try await withContext(manager) { _ in try await sample.miss() }
            }
            let task = Task {
                try await withContext(manager) { _ in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try await sample.value()
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let log: [[String?]] = try await sample.log()
            try #require(log.count == 5)
            #expect(log[0] == [nil, nil])
            #expect(log[1][0] == "SwiftError" && log[1][1]?.contains("Failed()") == true)
            #expect(log[2] == ["ValueError", "('no', 3)"])
            #expect(log[3] == ["Missing", "nothing"])
            #expect(log[4][1]?.contains("CancellationError") == true)
            let error = await #expect(throws: PythonError.self) {
                let number: PythonObject = try await sample.value()
                try await withContext(number) { _ in }
            }
            #expect(error?.message.contains("no context manager") == true)
        }
    }

    /// Starts a task, and waits until a call of it prints something.
    private func begin<Value: Sendable>(
        _ sample: Proxy, _ body: @escaping @Sendable () async throws -> Value
    ) async -> Task<Value, any Error> {
        let output = sample.server.output
        let task = Task { try await body() }
        for await _ in output { break }
        return task
    }

    /// `__exit__` belongs to the context in which `__enter__` has been called, also if a call still runs there.
    @Test(arguments: TestEnvironment.bothWays)
    func aCancelledBlockIsLeftWhenItsCallHasEnded(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let manager: PythonObject = try await sample.Manager(1)
            for _ in 0..<3 {
                let task = await begin(sample) {
                    try await withContext(manager) { _ in try await sample.wait() }
                }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                try await sample.server.waitUntilSettled()
            }
            await #expect(throws: ProxyError.timedOut(after: .milliseconds(50))) {
                try await withContext(manager) { _ in
                    try await sample.with(timeout: .milliseconds(50)).wait()
                }
            }
            try await waitUntil("all have been left") {
                try await (sample.log() as [[String?]]).count == 4
            }
            let log: [[String?]] = try await sample.log()
            #expect(log.prefix(3).allSatisfy { $0 == ["SwiftError", "CancellationError()"] })
            let late = "\(ProxyError.timedOut(after: .milliseconds(50)))"
            #expect(log.dropFirst(3) == [["SwiftError", late]])
            // One that does not end is not waited for, and the context manager is left in the end all the same.
            let task = await begin(sample) {
                try await withContext(manager) { _ in try await sample.stubborn() }
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let before: [[String?]] = try await sample.log()
            #expect(before.last == ["interrupted", nil])
            try await sample.go()
            try await waitUntil("the block is left") {
                let log: [[String?]] = try await sample.log()
                return log.last == ["SwiftError", "CancellationError()"]
            }
        }
    }

    /// Whatever has ended the block: a call that goes on is not waited for for ever, and comes before `__exit__`.
    @Test(arguments: TestEnvironment.all)
    func blocksAreLeftFromWithinAfterTheirLastCall(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let outer: PythonObject = try await sample.Named("outer")
            let inner: PythonObject = try await sample.Named("inner")
            await #expect(throws: Failed.self) {
                try await withContext(outer) { _ in
                    try await withContext(inner) { _ in
                        let call = await begin(sample) { try await sample.stubborn() }
                        call.cancel()
                        _ = await call.result
                        throw Failed()
                    }
                }
            }
            let before: [[String?]] = try await sample.log()
            #expect(before.allSatisfy { $0 == ["interrupted", nil] })
            try await sample.go()
            try await waitUntil("both are left") {
                try await (sample.log() as [[String?]]).count == before.count + 2
            }
            let log: [[String?]] = try await sample.log()
            #expect(
                log.dropFirst(before.count) == [["inner", "Failed()"], ["outer", "Failed()"]])
        }
    }

    /// A task that a block has started, and that goes on, is not in the block any more.
    @Test func callsAfterABlockAreNotInIt() async throws {
        try await withModule(try .any) { sample in
            let manager: PythonObject = try await sample.Manager(1)
            let isLeft = AsyncStream.makeStream(of: Void.self)
            let task: Task<[Int], any Error> = try await withContext(manager) { _ in
                let within: Int = try await sample.value()
                return Task {
                    for await _ in isLeft.stream { break }
                    return [within, try await sample.value()]
                }
            }
            isLeft.continuation.finish()
            let values = try await task.value
            #expect(values == [1, 0])
        }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func aBlockThatIsCancelledWhileItIsEnteredIsLeft(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            // Entered by a call that is cancelled as it ends.
            let lock: PythonObject = try await sample.LOCK.get()
            for _ in 0..<200 {
                let task = Task { try await withContext(lock) { _ in } }
                task.cancel()
                _ = await task.result
            }
            try await sample.server.waitUntilSettled()
            try await waitUntil("the lock is free") { try await !(sample.is_locked() as Bool) }
            // It has not been entered, and is not left.
            let slow: PythonObject = try await sample.Slow(1)
            let task = await begin(sample) { try await withContext(slow) { _ in } }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await sample.server.waitUntilSettled()
            let log: [[String?]] = try await sample.log()
            #expect(log == [])
        }
    }

    /// A server that is shared goes on, and a lock that nobody releases would hold up all others.
    @Test(arguments: TestEnvironment.all)
    func whatAClientHasEnteredIsLeftWhenItLeaves(environment: TestEnvironment) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy("sample") { sample in
                for waits in [false, true] {
                    let other = try await workspace.proxy("sample") { $0.isScoped = true }
                    let lock: PythonObject = try await other.LOCK.get()
                    let managers: [PythonObject] = [
                        try await other.Forking(1), try await other.Raising(2),
                        try await other.Manager(3),
                    ]
                    let task = await begin(other) {
                        try await withContext(lock) { _ in
                            try await withContext(managers[0]) { _ in
                                try await withContext(managers[1]) { _ in
                                    try await withContext(managers[2]) { _ in
                                        try await other.say("entered")
                                        if waits { try await other.wait() }
                                        await other.disconnect()
                                        // Nothing can be left from here any more.
                                        try await other.value()
                                    }
                                }
                            }
                        }
                    }
                    if waits { await other.disconnect() }
                    _ = await task.result
                    try await waitUntil("the lock is free") {
                        try await !(sample.is_locked() as Bool)
                    }
                }
                // Each in its own context: a variable can be reset only there.
                let log: [[PythonValue]] = try await sample.log()
                let left = ["SwiftError", "the client has left"]
                #expect(log.map { $0.map(\.description) } == [left, ["1"], left, ["1"]])
            }
        }
    }

    @Test(arguments: TestEnvironment.all)
    func aBlockBeginsWithWhatIsSetInTheOneAroundIt(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let outer: PythonObject = try await sample.Manager(1)
            let inner: PythonObject = try await sample.Manager(2)
            let named: PythonObject = try await sample.Named("name")
            try await withContext(outer) { _ in
                try await withContext(named) { _ in
                    var value: Int = try await sample.value()
                    #expect(value == 1)
                    try await withContext(inner) { _ in
                        value = try await sample.value()
                        #expect(value == 2)
                    }
                    value = try await sample.value()
                    #expect(value == 1)
                }
            }
        }
    }

    /// What a module sets while it is imported is set for all, but not over what a block has set.
    @Test(arguments: TestEnvironment.all)
    func importsDoNotUndoWhatABlockHasSet(environment: TestEnvironment) async throws {
        let precise = "import decimal; decimal.getcontext().prec = 50"
        try await Workspace.with(
            environment, modules: ["sample": Self.module, "precise": precise]
        ) { workspace in
            try await workspace.withProxy("sample") { sample in
                let local: PythonObject = try await Proxy("decimal", on: sample).localcontext()
                let named: PythonObject = try await sample.Named("name")
                try await withContext(local) { context in
                    try await context.prec.set(7)
                    try await withContext(named) { _ in
                        _ = try await Proxy("precise", on: sample)
                        try await sample.set_precision(9)
                        let precision: Int = try await sample.precision()
                        #expect(precision == 9)
                    }
                    let precision: Int = try await sample.precision()
                    #expect(precision == 7)
                }
                let outside: Int = try await sample.precision()
                #expect(outside == 50)
            }
        }
    }

    enum End: CaseIterable {
        case clientLeaves, serverIsStopped, serverIsStoppedDuringCalls, serverIsToldToEnd
    }

    @Test(arguments: End.allCases)
    func aServerLeavesWhatIsEnteredBeforeItEnds(end: End) async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let sample = try await workspace.proxy("sample") { $0.isScoped = true }
            let path = workspace.folder + "/left"
            let manager: PythonObject = try await sample.Writing(path)
            // Also if the block ends in order: its `__exit__` has got an exception.
            await #expect(throws: ProxyError.self) {
                try await withContext(manager) { _ in
                    switch end {
                    case .clientLeaves: await sample.disconnect()
                    case .serverIsStopped: await sample.stopServer()
                    case .serverIsStoppedDuringCalls:
                        let calls = [
                            await begin(sample) { try await sample.wait() },
                            await begin(sample) { try await sample.wait() },
                        ]
                        await sample.stopServer()
                        for call in calls { _ = await call.result }
                    case .serverIsToldToEnd:
                        let server = try #require(sample.server.processIdentifier)
                        #expect(kill(server, SIGTERM) == 0)
                        try await waitUntil("the server has ended") {
                            FileManager.default.fileExists(atPath: path)
                        }
                    }
                }
            }
            try await waitUntil("it is left") { FileManager.default.fileExists(atPath: path) }
        }
    }

    @Test func theErrorThatEndsABlockIsThrown() async throws {
        try await withModule(try .any) { sample in
            let raising: PythonObject = try await sample.Raising(1)
            let raised = await #expect(throws: PythonError.self) {
                try await withContext(raising) { _ in throw Failed() }
            }
            #expect(raised?.message == "not left")
            let manager: PythonObject = try await sample.Manager(1)
            // Not that the object is lost.
            await #expect(throws: Failed.self) {
                try await withContext(manager) { _ in
                    await sample.disconnect()
                    throw Failed()
                }
            }
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
