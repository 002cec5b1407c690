import Foundation
import Testing

@testable import PythonProxy

/// Many steps in one round trip.
@Suite(.timeLimit(.minutes(5)))
struct ScriptTests: SampleModuleTests {
    static let module = """
        import contextlib
        LOG = []
        def log(text): LOG.append(text); return text
        def logged(): return list(LOG)
        class Table(dict):
            title = ""
            def __setattr__(self, name, value): log(f"set {name}"); super().__setattr__(name, value)
            def __delattr__(self, name): log(f"del {name}"); super().__delattr__(name)
            @property
            def counter(self): log("counter"); return len(LOG)
            def total(self, *, scale=1): return sum(self.values()) * scale
        @contextlib.contextmanager
        def managed(name, handles=()):
            log(f"enter {name}")
            try: yield name
            except handles: log(f"handled by {name}")
            finally: log(f"exit {name}")
        def fail(text): raise ValueError(text)
        """

    @Test(arguments: TestEnvironment.all)
    func stepsRunInTheOrderOfTheProgram(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let (total, title): (Int, String) = try await sample.script { py in
                let table = py.sample.Table()
                table["a"] = 1
                table["b"] = table["a"] + 2 * 3
                table.title = "x"
                py.sample.log("unused")
                table["c"] = [1, "b"]
                delete(table["c"])
                return (table.total(scale: 2), table.title.upper())
            }
            #expect(total == 16 && title == "X")
            let log: [String] = try await sample.logged()
            #expect(log == ["set title", "unused"])
            // An expression that is used twice is one value.
            let same: Bool = try await sample.script { py in
                let counter = py.sample.Table().counter
                return counter .== counter
            }
            #expect(same)
            try await sample.script { py in
                for number in 0..<3 { py.sample.log("\(number)") }
            }
            let length: Int = try await sample.script { py in py.builtins.len(py.sample.LOG) }
            #expect(length == 6)
        }
    }

    @Test(.needsPackages, arguments: TestEnvironment.all)
    func valuesAndObjectsAreOperands(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let table: PythonObject = try await sample.Table(["a": 1])
            let array = NDArray((0..<100_000).map { Double($0) })
            let (sum, same, title): (Double, Bool, String) = try await sample.script { py in
                let values = py[array]
                values[0..<10] = 1.0
                py[table].title = "changed"
                py[table]["n"] = py.numpy.sum(values) - 1
                return (
                    values.sum(), py.operator.is_(py[table], table), py[table].title
                )
            }
            #expect(sum == array.reduce(0, +) - 45 + 10 && same && title == "changed")
            let n: Double = try await table["n"].get()
            #expect(n == sum - 1)
            // In arrays and dictionaries, too.
            let (lists, numbers): ([[Int]], [Int]) = try await sample.script { py in
                let (one, two) = (py[1], py[1] + 1)
                let table = py.sample.Table(["a": one, "b": two])
                return (
                    py.builtins.list([[one, two], [two]]), py.builtins.sorted(table.values())
                )
            }
            #expect(lists == [[1, 2], [2]] && numbers == [1, 2])
            let words: [String] = try await sample.script { py in
                py[PythonValue.string("a b")].split()
            }
            #expect(words == ["a", "b"])
            // What stays is an object.
            let made: PythonObject = try await sample.script { py in py.sample.Table(b: 2) }
            let b: Int = try await made["b"].get()
            let untyped: PythonValue = try await sample.script { py in
                py.builtins.list(py[array].shape)
            }
            #expect(b == 2 && untyped == [100_000])
        }
    }

    @Test(arguments: TestEnvironment.all)
    func augmentedAssignmentsChangeTheValueItself(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let (same, alias): (Bool, [Int]) = try await sample.script { py in
                let list = py.builtins.list([1])
                var alias = list
                alias += [2, 3]
                alias *= 2
                return (py.operator.is_(list, alias), list)
            }
            #expect(same && alias == [1, 2, 3, 1, 2, 3])
            let (table, title, log): ([String: Int], String, [String]) = try await sample.script {
                py in
                let table = py.sample.Table(a: 5, b: 7)
                table["a"] += table["b"] * 2
                table["a"] -= 1
                table["b"] **= 2
                table["b"] %= 10
                table.title += "x"
                return (table, table.title, py.sample.LOG)
            }
            #expect(table == ["a": 18, "b": 9] && title == "x" && log == ["set title"])
            let (bits, shifted, divided): (Int, Int, Double) = try await sample.script { py in
                var (bits, shifted, divided) = (py[12], py[12], py[12])
                bits &= 6
                bits |= 1
                bits ^= 2
                shifted <<= 2
                shifted >>= 1
                divided /= 8
                return (bits, shifted, divided)
            }
            #expect(bits == 7 && shifted == 24 && divided == 1.5)
            let error = await #expect(throws: PythonError.self) {
                try await sample.script { py in
                    let table = py.sample.Table(a: 1)
                    table["a"] += "x"
                }
            }
            #expect(error?.notes.first?.hasSuffix(": Table(…)['a'] += 'x'") == true)
            // Also of what is not of the script before.
            let object: PythonObject = try await sample.Table(a: 1)
            let kept: [Int] = try await sample.script { py in
                var list = PythonExpression([Int]())
                list += py.builtins.range(3)
                return list
            }
            #expect(kept == [0, 1, 2])
            // The text of a step is short, however often a value is used.
            let long = await #expect(throws: PythonError.self) {
                try await sample.script { py in
                    var x = py[1]
                    for _ in 0..<200 { x += x }
                    _ = x + "a"
                }
            }
            #expect(long?.notes.first.map { $0.count < 300 } == true, "\(long as Any)")
            // Outside of scripts nothing is assigned.
            var sum = object["a"] + 1
            sum += 2
            let values: [Int] = try await [evaluate(sum), object["a"].get()]
            #expect(values == [4, 1])
        }
    }

    @Test(arguments: TestEnvironment.all)
    func containmentIsAskedOfTheContainer(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let found: [Bool] = try await sample.script { py in
                let table = py.sample.Table(a: 1, b: nil)
                return py.builtins.list([
                    contains(table, "a"), contains(table, "c"),
                    contains(table.values(), nil), contains(py[[1, 2]], table["a"]),
                ])
            }
            #expect(found == [true, false, true, true])
            let table: PythonObject = try await sample.Table(a: 1)
            #expect(try await evaluate(contains(table, "a")))
            let error = await #expect(throws: PythonError.self) {
                try await sample.script { py in _ = contains(py[1], "a") }
            }
            #expect(error?.notes.first?.hasSuffix(": 'a' in 1") == true, "\(error as Any)")
        }
    }

    @Test(arguments: TestEnvironment.all)
    func blocksAreEnteredAndLeft(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let name: String = try await sample.script { py in
                let outer = withContext(py.sample.managed("a")) { name in
                    withContext(py.sample.managed("b", handles: py.builtins.ValueError)) { _ in
                        py.sample.fail("x")
                        py.sample.log("not reached")
                    }
                    py.sample.log("after b")
                    return name
                }
                return outer + "!"
            }
            #expect(name == "a!")
            let log: [String] = try await sample.logged()
            #expect(
                log == ["enter a", "enter b", "handled by b", "exit b", "after b", "exit a"])
            let error = await #expect(throws: PythonError.self) {
                try await sample.script { py in
                    withContext(py.sample.managed("c")) { _ in py.sample.fail("y") }
                }
            }
            #expect(error?.type == "ValueError" && error?.message == "y")
            let last: String = try await sample.script { py in py.sample.LOG[-1] }
            #expect(last == "exit c")
            // A value of a block that ended before.
            await #expect(throws: ProxyError.self) {
                let _: String = try await sample.script { py in
                    var found = py[1]
                    withContext(py.contextlib.suppress(py.builtins.ValueError)) { _ in
                        py.sample.fail("z")
                        found = py.sample.log("value")
                    }
                    return found
                }
            }
        }
    }

    @Test func errorsNameTheStep() async throws {
        try await withModule(try .any) { sample in
            let error = await #expect(throws: PythonError.self) {
                try await sample.script { py in
                    let table = py.sample.Table(["a": 1])
                    table["b"] = table["a"] + table["x"] * 2
                }
            }
            #expect(error?.type == "KeyError")
            let line = #line - 7
            let note = "in step 3 of the script at ScriptTests.swift:\(line): Table(…)['x']"
            #expect(error?.notes.count == 1)
            // The line of the step stands before it where it is known.
            #expect(error?.notes.first?.hasSuffix(note) == true, "\(error as Any)")
        }
    }

    /// Ten wrong scripts.
    @Test func wrongScriptsSayWhatIsWrong() async throws {
        try await withModule(try .any) { sample in
            var leaked: PythonExpression?
            try await sample.script { py in leaked = py.sample.Table() }
            let old = try #require(leaked)
            let scripts: [(String, (PythonExpression) -> PythonExpression)] = [
                ("no attribute 'nothing'", { py in py.sample.nothing(1) }),
                ("'nothing' is a bare name", { py in py.nothing(1) }),
                ("step 2 of the script", { py in py.sample.Table().missing }),
                (
                    "del Table()['x']",
                    { py in
                        let table = py.sample.Table(); delete(table["x"]); return table
                    }
                ),
                (
                    "in step 2 of the script at ScriptTests.swift:",
                    { py in
                        let table = py.sample.Table()
                        table["x"].title = 3
                        return table
                    }
                ),
                ("Table(…) + 3", { py in py.sample.Table(a: 1) + 3 }),
                ("all of Python is no value", { py in py.sample.log(py) }),
                ("used after its end", { py in py.sample.log(old) }),
                ("write -(x ** 2)", { py in -py[3] ** 2 }),
                ("with log(…)", { py in withContext(py.sample.log("x")) { $0 } }),
            ]
            for (text, script) in scripts {
                let error = await #expect(throws: (any Error).self) {
                    let _: PythonValue = try await sample.script(script)
                }
                let message = "\(error as Any)"
                #expect(message.contains(text), "\(message)")
                print("wrong script:\n\(error.map { "\($0)" } ?? "")\n")
            }
            let nested = await #expect(throws: PythonError.self) {
                try await sample.script { py in
                    let a = py[1] + 1
                    py.sample.fail([a, a], text: ["k": a])
                }
            }
            #expect(
                nested?.notes.first?.hasSuffix(
                    "sample.fail([(1 + 1), (1 + 1)], text={'k': (1 + 1)})") == true,
                "\(nested as Any)")
            // A value that cannot be sent, and one that cannot be read.
            struct Odd: Encodable {
                func encode(to encoder: any Encoder) throws {
                    throw EncodingError.invalidValue(
                        1, .init(codingPath: [], debugDescription: "odd"))
                }
            }
            await #expect(throws: ProxyError.self) {
                try await sample.script { py in py.sample.log(Odd()) }
            }
            let wrong = await #expect(throws: ProxyError.self) {
                let _: Int = try await sample.script { py in py.sample.log("x") }
            }
            #expect("\(wrong as Any)".contains("expected Int, found a str"), "\(wrong as Any)")
        }
    }

    @Test(arguments: TestEnvironment.all)
    func aScriptThatIsKeptRunsWithOtherValues(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let script = try PythonScript(parameters: 2) { py, values in
                let table = py.sample.Table(a: values[0])
                table["b"] = values[1]
                return table.total()
            }
            for number in 0..<100 {
                let total: Double = try await script(on: sample, number, 0.5)
                #expect(total == Double(number) + 0.5)
            }
            await #expect(throws: ProxyError.self) {
                let _: Double = try await script(on: sample, 1)
            }
        }
    }

    @Test func aCancelledScriptEndsAndLeavesNoObjects() async throws {
        try await withModule(try .any) { sample in
            let script = Task {
                try await sample.script { py in
                    let table = py.sample.Table()
                    py.sample.log("begun")
                    for _ in 0..<50_000 { py.time.sleep(0.001) }
                    return table
                } as PythonObject
            }
            try await waitUntil("the script runs") {
                try await sample.logged() as [String] == ["begun"]
            }
            script.cancel()
            await #expect(throws: CancellationError.self) { _ = try await script.value }
            try await waitUntil("nothing runs or is kept") {
                let status = try await sample.server.status()
                return status.calls.isEmpty && status.objects.isEmpty
            }
        }
    }

    @Test func limitedServersCheckEachStep() async throws {
        let module = """
            import os
            class Thing:
                items = [os.system]
                text = "{0.__class__}"
                def method(self): return self
                def __add__(self, other): return os
                def __enter__(self): return os
                def __exit__(self, *_): pass
            def thing(): return Thing()
            def take(value): return 1
            """
        try await Workspace.with(try .any, modules: ["sample": module]) { workspace in
            try await workspace.withProxy("sample", { $0.expose = ["sample"] }) { sample in
                let one: Int = try await sample.script { py in
                    py.sample.take(py.sample.thing().method())
                }
                #expect(one == 1)
                let attempts: [(PythonExpression) -> Void] = [
                    { py in py.os.getcwd() },
                    { py in py.builtins.eval("1") },
                    { py in py.sample.os.getcwd() },
                    { py in py.sample.take(py.os) },
                    { py in _ = py.sample.thing().__class__ },
                    { py in _ = py.sample.thing().method.__globals__ },
                    { py in py.sample.thing().items[0]("true") },
                    { py in py.sample.thing().text.format(1) },
                    { py in (py.sample.thing() + 1).system("true") },
                    { py in withContext(py.sample.thing()) { os in os.getcwd() } },
                    { py in py.sample.thing().title = 1 },
                    { py in py.sample.x = 1 },
                    { py in
                        var items = py.sample.thing().items
                        items += [1]
                    },
                    { py in
                        let thing = py.sample.thing(); delete(thing.text)
                    },
                ]
                for (index, attempt) in attempts.enumerated() {
                    let error = await #expect(throws: PythonError.self, "\(index)") {
                        try await sample.script { py in attempt(py) }
                    }
                    #expect(error?.type == "PermissionError", "\(index): \(error as Any)")
                }
                let error = await #expect(throws: PythonError.self) {
                    try await PythonModule("x = 1", on: sample)
                }
                #expect(error?.type == "PermissionError")
            }
        }
    }
}
