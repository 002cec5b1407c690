import Foundation
import Testing

@testable import PythonProxy

/// How long objects that stay on the server live, who sees them, and what becomes of them when their code changes.
@Suite(.timeLimit(.minutes(5)))
struct ObjectLifeTests {
    private func withModule(
        _ change: @escaping (inout ProxyConfiguration) -> Void = { _ in }, traced: Bool = false,
        _ body: (Proxy, Workspace) async throws -> Void
    ) async throws {
        let environment = try TestEnvironment.any
        try await Workspace.with(environment, modules: ["sample": ObjectTests.module]) {
            var workspace = $0
            if traced { workspace.context.variables["PYPROXY_TRACE_OBJECTS"] = "1" }
            try await workspace.withProxy("sample", change) { try await body($0, workspace) }
        }
    }

    @Test func theStatusCountsObjectsByClass() async throws {
        try await withModule { sample, _ in
            var counters: [PythonObject] = try await sample.many(3)
            let list: PythonObject = try await sample.make("[]")
            let again: PythonObject = try await counters[0].add()
            let counts = try await sample.server.status().objects
            #expect(
                counts.map { "\($0.count) \($0.className)" }
                    == ["3 sample.Counter", "1 list"])
            #expect(counts.allSatisfy { $0.place == nil })
            counters = []
            // One of them is known by another name.
            try await waitUntil("two counters are dropped") {
                try await sample.server.status().objects.first?.count == 1
            }
            withExtendedLifetime((list, again)) {}
        }
    }

    #if os(Linux)
        @Test func runningCallsSayWhatTheyAreOf() async throws {
            let module = """
                import threading
                gate = threading.Event()
                class Waiter:
                    def wait(self): gate.wait()
                    def __getitem__(self, key): return self
                """
            try await Workspace.with(try .any, modules: ["sample": module]) { workspace in
                try await workspace.withProxy("sample") { sample in
                    let waiter: PythonObject = try await sample.Waiter()
                    let cases: [(String, @Sendable () async throws -> Void)] = [
                        ("sample.gate.wait", { try await sample.gate.wait() }),
                        ("Waiter.wait", { try await waiter.wait() }),
                        ("Waiter[…].wait", { try await waiter["a"].wait() }),
                        ("(a script)", { try await sample.script { py in py.sample.gate.wait() } }),
                    ]
                    for (name, body) in cases {
                        let call = Task { try await body() }
                        try await waitUntil("the call runs") {
                            try await sample.server.status().calls.map(\.function) == [name]
                        }
                        call.cancel()
                        await #expect(throws: CancellationError.self) { try await call.value }
                        try await waitUntil("the call has ended") {
                            try await sample.server.status().calls.isEmpty
                        }
                    }
                }
            }
        }

        @Test func tracedObjectsKnowTheLineThatMadeThem() async throws {
            try await withModule(traced: true) { sample, _ in
                let first: PythonObject = try await sample.counter()
                let line = #line - 1
                let second = try await makeCounter(sample)
                let places = try await sample.server.status().objects.map(\.place)
                #expect(places.contains("ObjectLifeTests.swift:\(line)"), "\(places)")
                #expect(places.contains("ObjectLifeTests.swift:\(Self.lineOfMaking)"), "\(places)")
                withExtendedLifetime((first, second)) {}
            }
        }
    #endif

    private static let lineOfMaking = #line + 3

    private func makeCounter(_ sample: Proxy) async throws -> PythonObject {
        try await sample.make("Counter(3)")
    }

    @Test func manyObjectsLeaveNothing() async throws {
        try await withModule { sample, _ in
            func round() async throws {
                let counters: [PythonObject] = try await sample.many(1000)
                let last: Int = try await counters[999].value.get()
                #expect(last == 999)
            }
            func memory() async throws -> Int {
                try await waitUntil("nothing is kept") {
                    try await sample.server.status().objects.isEmpty
                }
                let alive: Int = try await sample.alive()
                #expect(alive == 0)
                return try await sample.server.status().memory
            }
            for _ in 0..<20 { try await round() }
            let before = try await memory()
            for _ in 0..<180 { try await round() }
            let after = try await memory()
            // Ten thousand of them, of a kilobyte and more, may wait to be dropped at a time; all would take 200 MB.
            #expect(after < before + (32 << 20), "from \(before >> 10) to \(after >> 10) kB")
        }
    }

    /// Many tasks call one object at the same time: each call is complete, and the answers are those of some order.
    @Test(arguments: TestEnvironment.all)
    func tasksMayUseOneObjectAtATime(environment: TestEnvironment) async throws {
        let modules = ["sample": ObjectTests.module]
        try await Workspace.with(environment, modules: modules) { workspace in
            try await workspace.withProxy("sample") { sample in
                let list: PythonObject = try await sample.make("[]")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<100 {
                        group.addTask {
                            try await list.append(task)
                            let mine: Bool = try await list.__contains__(task)
                            #expect(mine)
                        }
                    }
                    try await group.waitForAll()
                }
                let items: [Int] = try await evaluate(list)
                #expect(items.sorted() == Array(0..<100))
            }
        }
    }

    // MARK: Reloading

    @Test(arguments: TestEnvironment.all)
    func objectsRunTheNewCodeOrAreNamed(environment: TestEnvironment) async throws {
        func source(_ word: String, head: String = "pass", more: String = "pass") -> String {
            """
            class Counter:
                \(head)
                def __init__(self): self.n = 1
                def say(self): return f"\(word) {self.n}"
                \(more)
            def make(): return Counter()
            """
        }
        try await Workspace.with(environment, modules: ["m": source("one")]) { workspace in
            func save(_ text: String) throws {
                try text.write(
                    toFile: workspace.folder + "/python/m.py", atomically: true,
                    encoding: .utf8)
            }
            try await workspace.withProxy("m") { m in
                var events = m.server.reloads.makeAsyncIterator()
                let counter: PythonObject = try await m.make()
                let say: PythonObject = try await counter.say.get()
                try save(source("two"))
                var text: String = try await counter.say()
                #expect(text == "two 1")
                text = try await say()
                #expect(text == "two 1")
                #expect(await events.next()?.staleObjects == [:])

                // Another method and another attribute: the class stays the same object.
                try save(source("three", more: "def more(self): return self.say() + '!'"))
                text = try await counter.more()
                #expect(text == "three 1!")
                #expect(await events.next()?.staleObjects == [:])

                // Instances of a class with slots are made otherwise: this one keeps its class.
                try save(source("four", head: "__slots__ = ('n',)"))
                let next: PythonObject = try await m.make()
                text = try await next.say()
                #expect(text == "four 1")
                text = try await counter.say()
                #expect(text == "three 1")
                let event = try #require(await events.next())
                #expect(event.staleClasses == ["m.Counter"])
                #expect(event.staleObjects == ["m.Counter": 1])
                #expect("\(event)".contains("m.Counter (1 of them kept by clients)"))
            }
        }
    }
}
