import Foundation
import Testing

@testable import PythonProxy

/// What Python keeps for a context lasts from a session's call to its next, and is nobody else's.
@Suite(.timeLimit(.minutes(5)))
struct ContextTests {
    static let module = #"""
        import contextvars, decimal, threading, time

        VARIABLE = contextvars.ContextVar("VARIABLE", default=0)
        BEGUN = threading.Event()

        def precision(new):
            old = decimal.getcontext().prec
            decimal.getcontext().prec = new
            return old
        def count():
            VARIABLE.set(VARIABLE.get() + 1)
            return VARIABLE.get()
        def keep_busy():
            precision(7)
            count()
            BEGUN.set()
            while True: time.monotonic()
        def wait_for_busy(): return BEGUN.wait()
        def on_main_thread(): return threading.current_thread() is threading.main_thread()
        def in_task():
            import asyncio
            async def inner():
                count()
                return VARIABLE.get()
            async def outer():
                before = VARIABLE.get()
                return before, await asyncio.create_task(inner()), VARIABLE.get()
            return asyncio.run(outer())
        def variables():
            return {variable.name for variable in contextvars.copy_context()
                    if contextvars.copy_context()[variable]}
        """#

    /// Modules that set something when they are imported.
    static let precise = "import decimal\ndecimal.getcontext().prec = 50\n"
    static let changing = """
        import contextvars
        LEVEL = contextvars.ContextVar("LEVEL", default="unset")
        def level(new=None):
            old = LEVEL.get()
            if new is not None: LEVEL.set(new)
            return old
        """
    static let setting = "import changing\nchanging.LEVEL.set('imported')\n"

    private func with(
        _ environment: TestEnvironment, _ body: (Workspace, Proxy, Proxy) async throws -> Void
    ) async throws {
        let modules = [
            "sample": Self.module, "precise": Self.precise, "changing": Self.changing,
            "setting": Self.setting,
        ]
        try await Workspace.with(environment, modules: modules) { workspace in
            let first = try await workspace.proxy { $0.isScoped = true }
            let second = try await workspace.proxy { $0.isScoped = true }
            try await body(workspace, first, second)
            await first.disconnect()
            await second.disconnect()
        }
    }

    @Test(arguments: TestEnvironment.bothWays)
    func aSessionHasAContextOnWhicheverThread(environment: TestEnvironment) async throws {
        try await with(environment) { _, first, second in
            #expect(try await first.sample.precision(5) as Int == 28)
            #expect(try await first.sample.count() as Int == 1)
            #expect(try await second.sample.precision(6) as Int == 28)
            #expect(try await second.sample.count() as Int == 1)
            // The main thread is busy with the other one's call now.
            let busy = Task { try await second.sample.keep_busy() }
            #expect(try await first.sample.wait_for_busy() as Bool)
            #expect(try await first.sample.precision(28) as Int == 5)
            #expect(try await first.sample.count() as Int == 2)
            // A call beside another of its session sees what that has set, and leaves nothing.
            #expect(try await second.sample.precision(8) as Int == 7)
            #expect(try await second.sample.precision(9) as Int == 7)
            #expect(try await second.sample.count() as Int == 3)
            #expect(try await second.sample.count() as Int == 3)
            busy.cancel()
            await #expect(throws: CancellationError.self) { try await busy.value }
            try await second.server.waitUntilSettled()
            #expect(try await second.sample.precision(8) as Int == 7)
            #expect(try await second.sample.count() as Int == 3)
            #expect(try await first.sample.precision(28) as Int == 28)
        }
    }

    @Test func tasksGetCopiesAndTheCallIsNotKept() async throws {
        try await with(try .any) { _, first, _ in
            let inTask: [Int] = try await first.sample.in_task()
            #expect(inTask == [0, 1, 0])
            #expect(try await first.sample.count() as Int == 1)
            let thread: Set<String> = try await first.sample.variables()
            #expect(thread.contains("VARIABLE"))
        }
    }

    @Test(arguments: TestEnvironment.all)
    func whatAnImportSetsIsSetForAllSessions(environment: TestEnvironment) async throws {
        try await with(environment) { workspace, first, second in
            #expect(try await first.sample.precision(5) as Int == 28)
            #expect(try await second.changing.level() as String == "unset")
            // Sets decimal's precision while it is imported.
            _ = try await Proxy("precise", on: first)
            #expect(try await first.sample.precision(6) as Int == 50)
            #expect(try await second.sample.precision(7) as Int == 50)
            #expect(try await first.sample.precision(6) as Int == 6)
            let third = try await workspace.proxy { $0.isScoped = true }
            #expect(try await third.sample.precision(8) as Int == 50)
            #expect(try await second.sample.precision(7) as Int == 7)
            _ = try await Proxy("setting", on: second)
            for proxy in [first, second, third] {
                #expect(try await proxy.changing.level("own") as String == "imported")
                #expect(try await proxy.changing.level() as String == "own")
            }
            await third.disconnect()
        }
    }

    @Test func whatAServiceSetsIsSetForAllSessions() async throws {
        let service = Self.precise + "def precision(): return decimal.getcontext().prec\n"
        try await Workspace.with(try .any, modules: ["service": service, "other": Self.precise]) {
            workspace in
            for _ in 0..<2 {
                let proxy = try await workspace.proxy {
                    $0.isScoped = true
                    $0.service = "service"
                }
                #expect(try await proxy.precision() as Int == 50)
                try await proxy.builtins.exec("import decimal; decimal.getcontext().prec = 9")
                // Nothing of the service is set again by a later import.
                _ = try await Proxy("colorsys", on: proxy)
                #expect(try await proxy.precision() as Int == 9)
                await proxy.disconnect()
            }
        }
    }

    @Test(.needsPackages, arguments: [TestEnvironment.science1, .science2])
    func numpysErrorStateIsASessions(environment: TestEnvironment) async throws {
        let module = "import numpy\ndef divide(): return float((numpy.array([1.0]) / 0)[0])\n"
        try await Workspace.with(environment, modules: ["sample": module]) { workspace in
            var workspace = workspace
            workspace.configuration.isScoped = true
            // All calls on one thread.
            workspace.configuration.maximumConcurrentCalls = 1
            let (first, second) = (try await workspace.proxy(), try await workspace.proxy())
            let version: String = try await first.numpy.__version__.get()
            try await first.numpy.seterr(all: "raise")
            let error = await #expect(throws: PythonError.self) { try await first.sample.divide() }
            #expect(error?.type == "FloatingPointError")
            // Before numpy 2 the error state belongs to the thread, which serves both.
            if !version.hasPrefix("1.") {
                let infinity: Double = try await second.sample.divide()
                #expect(infinity == .infinity)
            } else {
                await #expect(throws: PythonError.self) { try await second.sample.divide() }
            }
            await first.disconnect()
            await second.disconnect()
        }
    }
}
