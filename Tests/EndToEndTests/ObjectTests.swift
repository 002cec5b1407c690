import Foundation
import Testing

@testable import PythonProxy

/// Objects that stay on the server.
@Suite(.timeLimit(.minutes(5)))
struct ObjectTests {
    static let module = #"""
        import gc, os, threading, weakref
        ALIVE = weakref.WeakSet()
        DELETED = []
        class Counter:
            def __init__(self, start=0):
                self.value = start
                self.items = {"a": 1}
                ALIVE.add(self)
            def add(self, n=1):
                self.value += n
                return self
            def get(self, key, default=None): return self.items.get(key, default)
            def __call__(self, x, *, twice=False): return x * (2 if twice else 1) + self.value
            def __getitem__(self, key): return ("item", key)
            def __setitem__(self, key, value): self.items[key] = value
            def __delitem__(self, key): del self.items[key]
            def __add__(self, other): return ("add", other)
            def __radd__(self, other): return ("radd", other)
            def __pow__(self, other): return ("pow", other)
            def __rpow__(self, other): return ("rpow", other)
            def __eq__(self, other): return ("eq", other)
            __hash__ = object.__hash__
            def fail(self): raise ValueError("no good")
            def list(self): return [1.5, 2.5]
            def pair(self): return self, 3
        class Loud(Counter):
            def __del__(self): DELETED.append(threading.current_thread() is threading.main_thread())
        def counter(start=0): return Counter(start)
        def loud(): return Loud()
        def alive(): gc.collect(); return len(ALIVE)
        def deleted(): return DELETED
        def same(a, b): return a is b
        def value(counter): return counter.value
        def values(counters): return [counter.value for counter in counters["list"]]
        def many(n): return [Counter(i) for i in range(n)]
        def mixed(): return {"n": 1, "counter": Counter(5), "list": [Counter(6), 2.5]}
        def kind(x): return type(x).__name__
        def big(n): return bytes(n)
        def echo(x): return x
        def make(text): return eval(text)
        """#

    private func withModule(
        _ environment: TestEnvironment, concurrent: Int = 256,
        _ body: (Proxy) async throws -> Void
    ) async throws {
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            try await workspace.withProxy(
                "sample", { $0.maximumConcurrentCalls = concurrent }, body)
        }
    }

    @Test(arguments: TestEnvironment.all)
    func objectsAreCalledReadAssignedAndPassedAsThemselves(
        environment: TestEnvironment
    ) async throws {
        try await withModule(environment) { sample in
            let counter: PythonObject = try await sample.counter(3)
            try await counter.add(2)
            let value: Int = try await counter.value.get()
            #expect(value == 5)
            let called: Int = try await counter(10, twice: true)
            #expect(called == 25)
            try await counter.value.set(7)
            let read: Int = try await sample.value(counter)
            #expect(read == 7)
            let method: Int = try await counter.get("a")
            #expect(method == 1)
            try await counter["b"].set([1, 2])
            let items: [String: PythonValue] = try await counter.items.get()
            #expect(items == ["a": 1, "b": [1, 2]])
            try await counter["b"].delete()
            try await counter.value.delete()
            let error = await #expect(throws: PythonError.self) {
                let _: Int = try await counter.value.get()
            }
            #expect(error?.type == "AttributeError")
            let list: [Double] = try await counter.list()
            #expect(list == [1.5, 2.5])
            let slice: PythonValue = try await counter[1..<4, 2..., nil].get()
            #expect("\(slice)" == "('item', (slice(1, 4, None), slice(2, None, None), None))")
            let raised = await #expect(throws: PythonError.self) { try await counter.fail() }
            #expect(raised?.traceback.last?.function.hasSuffix("fail") == true)
        }
    }

    @Test(arguments: TestEnvironment.all)
    func oneObjectIsOneWhereverItComesFrom(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let counter: PythonObject = try await sample.counter()
            let again: PythonObject = try await counter.add()
            let other: PythonObject = try await sample.counter()
            #expect(counter == again && counter != other)
            #expect(Set([counter, again, other]).count == 2)
            let isSame: Bool = try await sample.same(counter, again)
            #expect(isSame)
            let (me, three): (PythonObject, Int) = try await counter.pair()
            #expect(me == counter && three == 3)
            #expect("\(counter)".hasPrefix("<Counter on server "))
        }
    }

    @Test(arguments: TestEnvironment.all)
    func objectsStandAnywhereInResultsAndArguments(environment: TestEnvironment) async throws {
        struct Mixed: Decodable {
            var n: Int
            var counter: PythonObject
        }
        struct Argument: Encodable { var list: [PythonObject] }
        try await withModule(environment) { sample in
            let counters: [PythonObject] = try await sample.many(3)
            let values: [Int] = try await sample.values(Argument(list: counters))
            #expect(values == [0, 1, 2])
            let mixed: Mixed = try await sample.mixed()
            let five: Int = try await mixed.counter.value.get()
            #expect(mixed.n == 1 && five == 5)
            let untyped = try await sample.mixed()
            guard case .object(let object) = untyped["list"][0] else {
                Issue.record("\(untyped)")
                return
            }
            let six: Int = try await object.value.get()
            #expect(six == 6 && untyped["list"][1] == 2.5)
            let kept = try untyped.as([String: PythonValue].self)
            #expect(kept["counter"] == untyped["counter"])
            let same: Bool = try await sample.same(untyped["counter"], kept["counter"])
            #expect(same)
            let dictionary: [String: PythonObject] = try await sample.make("{'a': Counter(1)}")
            let one: Int = try await sample.value(dictionary["a"])
            #expect(one == 1)
            let function: PythonObject = try await sample.make("len")
            let length: Int = try await function([1, 2, 3])
            #expect(length == 3)
            let list: PythonObject = try await sample.make("[1, 2]")
            try await list.append(3)
            let copied: [Int] = try await evaluate(list)
            #expect(copied == [1, 2, 3])
            let nothing: PythonObject? = try await sample.make("None")
            #expect(nothing == nil)
            // An attribute is the object that it names.
            let name: String = try await sample.kind(sample.counter)
            #expect(name == "function")
        }
    }

    @Test(arguments: TestEnvironment.all)
    func operatorsArePythons(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            let x: PythonObject = try await sample.make("__import__('fractions').Fraction(3)")
            let value: Double = try await evaluate(3 * x ** 2 + 1 - x / 2)
            #expect(value == 26.5)
            let right: Double = try await evaluate(2 ** x ** 2)
            #expect(right == 512)
            let counter: PythonObject = try await sample.counter()
            let added: PythonValue = try await sample.echo(counter + "a")
            #expect(added == .tuple(["add", "a"]))
            let reversed: PythonValue = try await sample.echo(7 + counter)
            #expect(reversed == .tuple(["radd", 7]))
            let equal: PythonValue = try await sample.echo(counter .== 3)
            #expect(equal == .tuple(["eq", 3]))
            let negative: Double = try await evaluate(-(x ** 2) % 7)
            #expect(negative == 5)
            let bits: Int = try await evaluate((sample.make("6") as PythonObject) & 3 | 8)
            #expect(bits == 10)
            let compared: [Bool] = try await sample.echo([x < 4, x >= 4, 2 < x])
            #expect(compared == [true, false, true])
            let error = await #expect(throws: ProxyError.self) {
                try await sample.echo(-x ** 2)
            }
            #expect("\(error as Any)".contains("write -(x ** 2)"))
            let raised = await #expect(throws: PythonError.self) { try await sample.echo(x + "a") }
            #expect(raised?.type == "TypeError")
        }
    }

    @Test(arguments: TestEnvironment.all)
    func objectsThatNobodyHasAreDropped(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            for round in 0..<3 {
                var counters: [PythonObject] = try await sample.many(1000)
                let alive: Int = try await sample.alive()
                #expect(alive == 1000, "round \(round)")
                counters.removeLast(999)
                try await waitUntil("one is alive") { try await sample.alive() == 1 }
                let zero: Int = try await counters[0].value.get()
                #expect(zero == 0)
                counters = []
                // Those that nobody decodes, of failed conversions, of cancelled calls.
                struct Nothing: Decodable {}
                let _: Nothing = try await sample.mixed()
                try await sample.many(10)
                await #expect(throws: ProxyError.self) {
                    let _: [String: Int] = try await sample.mixed()
                }
                await #expect(throws: ProxyError.self) {
                    let _: (PythonObject, String) = try await sample.make("(Counter(), 1)")
                }
                await Self.callAndCancel(sample)
                try await waitUntil("none is alive") { try await sample.alive() == 0 }
            }
        }
    }

    /// A function of its own, because the task keeps its result, if it has one before it is cancelled.
    private static func callAndCancel(_ sample: Proxy) async {
        let task = Task { try await sample.many(100) }
        task.cancel()
        _ = try? await task.value
    }

    @Test func destructorsRunOnTheMainThreadOfASerialServer() async throws {
        try await withModule(try .any, concurrent: 1) { sample in
            do { let _: PythonObject = try await sample.loud() }
            try await waitUntil("it is deleted") {
                try await (sample.deleted() as [Bool]).count == 1
            }
            let deleted: [Bool] = try await sample.deleted()
            #expect(deleted == [true])
        }
    }

    @Test func objectsOfASessionEndWithIt() async throws {
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let other = try await workspace.proxy("sample")
            var object: PythonObject?
            do {
                let sample = try await workspace.proxy("sample")
                object = try await sample.counter()
                let alive: Int = try await other.alive()
                #expect(alive == 1)
                await sample.disconnect()
            }
            try await waitUntil("none is alive") { try await other.alive() == 0 }
            let lost = try #require(object)
            let error = await #expect(throws: ProxyError.self) { try await lost.add() }
            guard case .objectLost(let message) = error else {
                Issue.record("\(error as Any)")
                return
            }
            #expect(message.contains("<Counter on server") && message.contains("disconnect"))
            let passed = await #expect(throws: ProxyError.self) { try await other.value(lost) }
            #expect("\(passed as Any)".contains("<Counter on server"))
            // On another connection it is no argument.
            let own: PythonObject = try await other.counter()
            let stranger = try await workspace.proxy("sample")
            let strange = await #expect(throws: ProxyError.self) { try await stranger.value(own) }
            #expect("\(strange as Any)".contains("argument 1: <Counter on server"))
            await stranger.disconnect()
            await other.stopServer()
        }
    }

    @Test func objectsOfAServerThatHasDiedSayHow() async throws {
        try await withModule(try .any) { sample in
            let counter: PythonObject = try await sample.counter()
            await #expect(throws: ProxyError.self) { try await sample.make("os._exit(3)") }
            let error = await #expect(throws: ProxyError.self) { try await counter.add() }
            guard case .objectLost = error else {
                Issue.record("\(error as Any)")
                return
            }
            // The proxy goes on with a new server.
            let again: PythonObject = try await sample.counter(4)
            for use in [
                { try await sample.value(counter) }, { try await counter.add() },
                { try await evaluate(counter + 1) },
            ] as [() async throws -> PythonValue] {
                let error = await #expect(throws: ProxyError.self) { _ = try await use() }
                guard case .objectLost = error else {
                    Issue.record("\(error as Any)")
                    return
                }
            }
            let four: Int = try await again.value.get()
            #expect(four == 4 && again != counter)
        }
    }

    @Test func limitedServersCheckEveryStep() async throws {
        let module = """
            import functools, operator, os
            class Thing:
                def method(self): return 1
                def function(self): return os.getcwd()
                items = [os.system]
                text = "{0.__class__}"
                partial = functools.partial(os.system, "true")
                getter = operator.attrgetter("__class__.__init__.__globals__")
                caller = operator.methodcaller("__reduce__")
                bound = [].append
                def __add__(self, other): return self if other else os
                def __getitem__(self, key): return os
                def steps(self): yield 1
            class Name(str): pass
            class Table(dict): pass
            class Raw(bytearray):
                def extend(self, other): pass
                put = bytearray.extend
            def thing(): return Thing()
            def take(value): return True
            """
        try await Workspace.with(try .any, modules: ["sample": module]) { workspace in
            try await workspace.withProxy("sample", { $0.expose = ["sample"] }) { sample in
                let thing: PythonObject = try await sample.thing()
                let one: Int = try await thing.method()
                #expect(one == 1)
                let name: PythonObject = try await sample.Name("{0.__class__}")
                let attempts: [() async throws -> Void] = [
                    { _ = try await thing[attribute: "__class__"].get() },
                    { _ = try await thing.method[attribute: "__globals__"].get() },
                    { _ = try await thing.method[attribute: "__self__"].get() },
                    { _ = try await thing.items[0].get() },
                    { _ = try await thing.items[0]("true") },
                    { _ = try await thing.partial() },
                    { _ = try await thing.text.format(thing) },
                    { _ = try await thing.text.format_map(thing) },
                    { _ = try await (name.format(thing) as PythonObject) },
                    { _ = try await sample.Name.format(name, thing) },
                    { _ = try await (sample.Table() as PythonObject).pop("a", thing) },
                    { _ = try await (sample.Raw() as PythonObject).put([1]) },
                    { _ = try await thing.getter(thing) },
                    { _ = try await thing.caller(thing) },
                    { _ = try await thing.bound(1) },
                    { _ = try await thing.bound[attribute: "__self__"].get() },
                    { _ = try await thing[1].get() },
                    { _ = try await thing[1].system("true") },
                    { _ = try await thing[attribute: "__init__"][attribute: "__globals__"].get() },
                    {
                        _ = try await thing[attribute: "__class__"][
                            attribute: "__subclasses__"]()
                    },
                    { _ = try await thing.method.mro() },
                    {
                        let steps: PythonObject = try await thing.steps()
                        _ = try await steps.gi_frame.f_builtins.get()
                    },
                    // In expressions.
                    { _ = try await evaluate((thing + 1)[attribute: "__class__"]) as PythonValue },
                    { _ = try await evaluate((thing + 0).system("true")) as PythonValue },
                    { _ = try await evaluate((thing + 1).items[0]("true")) as PythonValue },
                    { _ = try await evaluate((thing + 1).partial()) as PythonValue },
                    { _ = try await evaluate((thing + 1).text.format(thing)) as PythonValue },
                    // In arguments.
                    { _ = try await sample.take(sample.os) },
                    { _ = try await sample.take(sample.os.system) },
                    { _ = try await sample.take(thing.items[0]) },
                    { _ = try await sample.take(sample.thing[attribute: "__globals__"]) },
                    { _ = try await sample.take((thing + 1)[attribute: "__dict__"]) },
                    { try await thing.value.set(3) },
                    { try await thing[attribute: "method"].delete() },
                ]
                for (index, attempt) in attempts.enumerated() {
                    let error = await #expect(throws: PythonError.self, "\(index)") {
                        try await attempt()
                    }
                    #expect(error?.type == "PermissionError", "\(index): \(error as Any)")
                }
            }
        }
    }

    /// Their classes are written in C, whose methods do not say which module they come from.
    @Test(.needsPackages) func objectsOfExposedPackagesHaveTheirMethods() async throws {
        try await Workspace.with(.science2) { workspace in
            try await workspace.withProxy(nil, { $0.expose = ["numpy", "pandas"] }) { python in
                let array: PythonObject = try await python.numpy.arange(5)
                let sum: Double = try await evaluate((array * 2 + 1).sum())
                let least: Int = try await array.min()
                let most: Int = try await python.numpy.ndarray.max(array)
                #expect((sum, least, most) == (25, 0, 4))
                let generator: PythonObject = try await python.numpy.random.default_rng(1)
                let numbers: [Double] = try await generator.normal(size: 3)
                #expect(numbers.count == 3)
                let frame: PythonObject = try await python.pandas.DataFrame(
                    ["key": ["a", "b", "a"], "value": [1, 2, 3]] as PythonValue)
                let means: [Double] = try await python.script { py in
                    py[frame].groupby("key")["value"].mean().to_numpy()
                }
                #expect(means == [2, 2])
                let error = await #expect(throws: PythonError.self) {
                    try await array[attribute: "__array_finalize__"].get()
                }
                #expect(error?.type == "PermissionError")
            }
        }
    }

    /// What the documentation of packages begins with, with the real packages.
    @Test(.needsPackages) func firstExamplesReadAsInPython() async throws {
        try await Workspace.with(.science2) { workspace in
            try await workspace.withProxy { python in
                let sympy = python["sympy"]
                let x: PythonObject = try await sympy.Symbol("x")
                let derivative: PythonObject = try await sympy.diff(x * x + 2 * x - 1, x)
                let text: String = try await python.builtins.str(derivative)
                #expect(text == "2*x + 2")
                let six: Int = try await derivative.subs(x, 2)
                #expect(six == 6)

                let pandas = python["pandas"]
                let frame: PythonObject = try await pandas.DataFrame(
                    ["k": ["a", "b", "a"], "v": [1, 2, 3]])
                let grouped: PythonObject = try await frame.groupby("k")
                let sums: [String: Int] = try await grouped["v"].sum()
                #expect(sums == ["a": 4, "b": 2])
                try await frame["w"].set(frame["v"] * 2)
                let w: [Int] = try await frame["w"].get()
                #expect(w == [2, 4, 6])
                let chosen: PythonObject = try await frame[frame["v"] > 1].get()
                let count: Int = try await python.builtins.len(chosen)
                #expect(count == 2)
                let last: [Int] = try await frame["v"].iloc[PythonSlice(nil, nil, step: -1)].get()
                #expect(last == [3, 2, 1])

                let polars = python["polars"]
                let table: PythonObject = try await polars.DataFrame(["n": [1, 2, 3]])
                let column: PythonObject = try await polars.col("n")
                let filtered: PythonObject = try await table.filter(column > 1)
                let numbers: [Int] = try await filtered["n"].get()
                #expect(numbers == [2, 3])

                let connection: PythonObject = try await python.sqlite3.connect(
                    ":memory:", check_same_thread: false)
                try await connection.execute("create table t (a)")
                try await connection.executemany("insert into t values (?)", [[1], [2]])
                let rows: PythonObject = try await connection.execute("select a from t")
                let values: [[Int]] = try await rows.fetchall()
                #expect(values == [[1], [2]])

                let image: PythonObject = try await python["PIL.Image"].new("L", [3, 2])
                let size: [Int] = try await image.size.get()
                #expect(size == [3, 2])
                let pixels: NDArray<UInt8> = try await evaluate(image)
                #expect(pixels.shape == [2, 3])
            }
        }
    }
}
