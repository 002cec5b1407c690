import Foundation
import Testing

@testable import PythonProxy

/// Values of every kind that crosses, both ways, on every Python.
@Suite(.timeLimit(.minutes(10)))
struct FidelityTests: SampleModuleTests {
    static let module = """
        import math, struct
        def echo(x): return x
        def same(x, source):
            expected = eval(source)
            def equal(a, b):
                if type(a) is not type(b): return False
                if isinstance(a, (list, tuple)):
                    return len(a) == len(b) and all(map(equal, a, b))
                if isinstance(a, dict):
                    return list(a) == list(b) and all(equal(a[k], b[k]) for k in a)
                if isinstance(a, float):
                    return struct.pack("d", a) == struct.pack("d", b)
                return a == b
            return equal(x, expected)
        def make(source): return eval(source)
        def array_facts(a):
            import numpy
            return [type(a).__name__, str(a.dtype), list(a.shape), a.tolist() if a.dtype.kind != "c" else [[x.real, x.imag] for x in a.ravel().tolist()], bool(a.flags.writeable)]
        """

    /// A value, and the Python expression for it.
    static let values: [(PythonValue, String)] = [
        (nil, "None"), (true, "True"), (false, "False"),
        (0, "0"), (-1, "-1"), (23, "23"), (24, "24"), (-256, "-256"), (65_536, "65536"),
        (.int(.max), "2**63-1"), (.int(.min), "-2**63"),
        (.bigInt(PythonInteger("9223372036854775808") ?? .init(0)), "2**63"),
        (.bigInt(PythonInteger("18446744073709551615") ?? .init(0)), "2**64-1"),
        (.bigInt(PythonInteger("18446744073709551616") ?? .init(0)), "2**64"),
        (.bigInt(PythonInteger("-9223372036854775809") ?? .init(0)), "-2**63-1"),
        (.bigInt(PythonInteger("-18446744073709551616") ?? .init(0)), "-2**64"),
        (.bigInt(PythonInteger("-18446744073709551617") ?? .init(0)), "-2**64-1"),
        (
            .bigInt(
                PythonInteger(isNegative: false, magnitude: [1] + [UInt8](repeating: 0, count: 500))
            ),
            "2**4000"
        ),
        (
            .bigInt(
                PythonInteger(isNegative: true, magnitude: [1] + [UInt8](repeating: 0, count: 500))),
            "-2**4000"
        ),
        (0.0, "0.0"), (-0.0, "-0.0"), (1.5, "1.5"), (0.1, "0.1"),
        (.double(.leastNonzeroMagnitude), "5e-324"),
        (.double(.infinity), "math.inf"), (.double(-.infinity), "-math.inf"),
        (.complex(Complex(1, -0.0)), "complex(1, -0.0)"),
        ("", "''"), ("text", "'text'"), ("ü水𐅑👩‍🚀\0\n", "'ü水𐅑👩‍🚀\\0\\n'"),
        (.string(String(repeating: "x", count: 100_000)), "'x' * 100_000"),
        (.bytes([]), "b''"), (.bytes([0, 255, 10]), "b'\\x00\\xff\\n'"),
        ([], "[]"), ([1, 2, 3, 4, 5], "[1, 2, 3, 4, 5]"),
        ([1.0, 2.0, 3.0, -0.0], "[1.0, 2.0, 3.0, -0.0]"),
        ([1, 2.0, "x", nil, true], "[1, 2.0, 'x', None, True]"),
        (.list([.int(.max), .int(.min), 0, 1]), "[2**63-1, -2**63, 0, 1]"),
        (.list([.bigInt(PythonInteger(UInt64.max)), 1, 2, 3]), "[2**64-1, 1, 2, 3]"),
        ([[], [[]], [[[]]]], "[[], [[]], [[[]]]]"),
        (.tuple([]), "()"), (.tuple([1]), "(1,)"),
        (.tuple([[1], .tuple([2, .tuple([])])]), "([1], (2, ()))"),
        ([:], "{}"), (["b": 1, "a": 2], "{'b': 1, 'a': 2}"),
        (
            [1: "a", -2: "b", 2.5: "c", nil: "d", true: "e"],
            "{1: 'e', -2: 'b', 2.5: 'c', None: 'd'}"
        ),
        ([.tuple([1, .tuple(["x"])]): ["y": []]], "{(1, ('x',)): {'y': []}}"),
        ([.bytes([1]): 1], "{b'\\x01': 1}"),
    ]

    @Test(arguments: TestEnvironment.all)
    func valuesArriveInBothDirectionsAsTheyAre(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            for (value, source) in Self.values {
                let isSame: Bool = try await sample.same(value, source)
                #expect(isSame, "Swift → Python: \(source)")
                let made: PythonValue = try await sample.make(source)
                // A dict literal with equal keys, 1 and True, has only one of them in Python.
                if !source.contains("'e'") { #expect(made == value, "Python → Swift: \(source)") }
                let echoed: PythonValue = try await sample.echo(value)
                if !source.contains("'e'") { #expect(echoed == value, "there and back: \(source)") }
            }
            let nan: Double = try await sample.make("math.nan")
            #expect(nan.isNaN)
            let isNaN: Bool = try await sample.make("math.isnan(echo(math.nan))")
            #expect(isNaN)
        }
    }

    /// numpy expressions and the arrays that they are here.
    static let arrays: [(String, AnyNDArray)] = [
        ("np.array([True, False])", NDArray([true, false]).erased),
        ("np.array([-1, 2], 'i1')", NDArray<Int8>([-1, 2]).erased),
        ("np.array([-1, 2], 'i2')", NDArray<Int16>([-1, 2]).erased),
        ("np.array([-1, 2], 'i4')", NDArray<Int32>([-1, 2]).erased),
        ("np.array([-1, 2**62], 'i8')", NDArray<Int64>([-1, 1 << 62]).erased),
        ("np.array([255], 'u1')", NDArray<UInt8>([255]).erased),
        ("np.array([2**16-1], 'u2')", NDArray<UInt16>([.max]).erased),
        ("np.array([2**32-1], 'u4')", NDArray<UInt32>([.max]).erased),
        ("np.array([2**64-1], 'u8')", NDArray<UInt64>([.max]).erased),
        ("np.array([0.5, -0.0, np.inf], 'f2')", NDArray<Float16>([0.5, -0.0, .infinity]).erased),
        ("np.array([0.1], 'f4')", NDArray<Float>([0.1]).erased),
        ("np.array([0.1, 5e-324])", NDArray([0.1, .leastNonzeroMagnitude]).erased),
        ("np.array([1+2j], 'c8')", NDArray([Complex<Float>(1, 2)]).erased),
        ("np.array([1+2j, -0.5j])", NDArray([Complex(1.0, 2), Complex(-0.0, -0.5)]).erased),
        ("np.array([1, 256], '>i4')", NDArray<Int32>([1, 256]).erased),
        ("np.array([1.5+2j], '>c16')", NDArray([Complex(1.5, 2)]).erased),
        ("np.array(7)", NDArray(shape: [], [7]).erased),
        ("np.zeros((0, 3))", NDArray(shape: [0, 3], [Double]()).erased),
        ("np.arange(6.).reshape(2, 3)", NDArray(shape: [2, 3], [0.0, 1, 2, 3, 4, 5]).erased),
        ("np.arange(6.).reshape(2, 3).T", NDArray(shape: [3, 2], [0.0, 3, 1, 4, 2, 5]).erased),
        ("np.arange(10)[::-3]", NDArray([9, 6, 3, 0]).erased),
        (
            "np.memmap(__import__('tempfile').TemporaryFile(), 'f8', 'w+', shape=(2, 1))",
            NDArray([[0.0], [0]]).erased
        ),
        ("np.matrix([[1, 2]])", NDArray([[1, 2]]).erased),
        (
            "np.asfortranarray(np.arange(4).reshape(2, 2))",
            NDArray(shape: [2, 2], [0, 1, 2, 3]).erased
        ),
        (
            "np.arange(24).reshape(2, 3, 4)[:, 1:, ::2]",
            NDArray(shape: [2, 2, 2], [4, 6, 8, 10, 16, 18, 20, 22]).erased
        ),
    ]

    @Test(.needsPackages, arguments: TestEnvironment.all)
    func arraysOfEveryDtypeArriveInBothDirections(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            _ = try await sample.make("globals().__setitem__('np', __import__('numpy'))")
            for (source, array) in Self.arrays {
                let made: AnyNDArray = try await sample.make(source)
                #expect(made == array, "Python → Swift: \(source)")
                let echoed: AnyNDArray = try await sample.echo(array)
                #expect(echoed == array, "there and back: \(source)")
                let facts = try await sample.array_facts(array)
                #expect(facts[0] == "ndarray")
                #expect(facts[1] == .string("\(array.dtype)"))
                #expect(facts[2] == .list(array.shape.map { .int($0) }))
                #expect(facts[4] == true, "arguments can be written to")
            }
            let scalar = try await sample.make("np.float32(0.5)")
            #expect(scalar == .scalar(NDArray<Float>(shape: [], [0.5]).erased))
            let number: Double = try await sample.make("np.float64(0.1)")
            #expect(number == 0.1)
            let flag: Bool = try await sample.make("np.bool_(True)")
            #expect(flag)
            let type: String = try await sample.make("type(echo(np.int16(3))).__name__")
            #expect(type == "int16")
            let text: String = try await sample.make("np.str_('x')")
            #expect(text == "x")
            let bytes: [UInt8] = try await sample.make("np.bytes_(b'ab')")
            #expect(bytes == [97, 98])
            let back: PythonValue = try await sample.echo(scalar)
            #expect(back == scalar)
        }
    }

    /// Values that cannot be copied, with the type and the place that the error names.
    static let uncrossable: [(source: String, type: String, place: String)] = [
        ("object()", "object", "result"),
        ("[1, {object}]", "type", "result[1]"),
        ("{'a': [None, lambda: 0]}", "function", "result['a'][1]"),
        ("{frozenset({print}): 1}", "builtin_function", "a key"),
        ("(1, type)", "type", "result[1]"),
        ("'\\ud800'", "surrogates", "result"),
        ("__import__('numpy').array([object()])", "object", "result"),
        (
            "__import__('numpy').array([(1, None)], [('a', int), ('b', object)])", "'O'",
            "result"
        ),
        ("type('T', (__import__('numpy').ndarray,), {})(3)", "numpy.asarray", "result"),
        ("(lambda x: x.append(x) or x)([])", "contain themselves", "result[0]"),
        (
            "__import__('functools').reduce(lambda x, _: [x], range(300), 0)", "nest deeper",
            "result"
        ),
    ]

    @Test(.needsPackages, arguments: TestEnvironment.all)
    func aValueThatCannotCrossNamesItsTypeAndPlace(environment: TestEnvironment) async throws {
        try await withModule(environment) { sample in
            for (source, type, place) in Self.uncrossable {
                do {
                    let value: UUID = try await sample.make(source)
                    Issue.record("\(source) crossed as \(value)")
                } catch ProxyError.conversion(let error) {
                    #expect(error.message.contains(type), "\(source): \(error)")
                    #expect(error.place.contains(place), "\(source): \(error)")
                }
            }
            let unhashable = PythonValue.dictionary([.set([1]): 2])
            do {
                try await sample.echo([unhashable])
                Issue.record("an unhashable key crossed")
            } catch ProxyError.conversion(let error) {
                #expect(error.place.hasPrefix("argument 1[0]"))
                #expect(error.message.contains("set is not hashable"))
            }
            let sum: Int = try await sample.make("1 + 1")
            #expect(sum == 2)
        }
    }

    /// An untyped result has everything that can be copied, and says of the rest what it is.
    @Test(.needsPackages, arguments: TestEnvironment.all)
    func partsOfAnUntypedResultThatCannotCrossDoNotFailIt(
        environment: TestEnvironment
    ) async throws {
        try await withModule(environment) { sample in
            for (source, _, _) in Self.uncrossable where !source.contains("lambda x") {
                let value: PythonValue = try await sample.make(source)
                #expect("\(value)".contains(" on server "), "\(source): \(value)")
                #expect(throws: ProxyError.self) { try value.as([Int: Int].self) }
            }
            let value: PythonValue = try await sample.make(
                "{'n': [1, object(), 3], 'file': __import__('sys').stdout, 'at': {1: print}}")
            #expect(value["n"][0] == 1 && value["n"][2] == 3)
            guard case .object = value["n"][1] else {
                Issue.record("\(value)")
                return
            }
            #expect("\(value["n"][1])".hasPrefix("<object on server "))
            // The others are there, as the types that they are.
            struct Part: Decodable { var n: [Int?] }
            #expect(throws: ProxyError.self) { try value.as(Part.self) }
            struct Other: Decodable { var at: [Int: PythonValue] }
            let at = try value.as(Other.self).at
            #expect("\(at)".contains("<builtin_function_or_method on server "))
            let echoed = try await sample.echo(value)
            #expect(echoed == value)
            // Nobody takes it.
            try await sample.make("__import__('sys').modules")
        }
    }

    /// Objects that stand in many places of one result, and the kind of container that holds them.
    static let repeated = [
        "reduce(lambda x, _: [x] * 1000, range(6), b'x' * 10000)",
        "reduce(lambda x, _: (x, x), range(100), 'x')",
        "reduce(lambda x, _: {1: x, 2: x, 3: x}, range(60), {})",
        "reduce(lambda x, _: [[x, x], x], range(80), [1.5] * 10)",
        "[[[1.5] * 100_000] * 1000] * 1000",
    ]

    @Test(arguments: repeated)
    func valuesThatMultiplyAreRefusedInBoundedMemory(source: String) async throws {
        try await withModule(try .any) { sample in
            let source = source.replacingOccurrences(
                of: "reduce", with: "__import__('functools').reduce")
            do {
                let value: [PythonValue] = try await sample.make(source)
                Issue.record("crossed with \(value.count) items")
            } catch ProxyError.conversion(let error) {
                #expect(
                    error.message.contains("same objects") || source.contains("{1:"), "\(error)")
            }
            // Nobody has asked for it.
            guard case .object = try await sample.make(source) else {
                Issue.record("crossed")
                return
            }
            // Not getrusage: its maximum is inherited from the process that started the server.
            let peak: Int = try await sample.make(
                "int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])")
            #expect(peak < 1_200_000, "kB at most")
        }
    }

    @Test(arguments: [
        "(lambda x: x.append(x) or x)([])", "(lambda x: x.update(a=[x]) or x)({})",
        "(lambda x: x[0].append(x) or x)(([],))",
        "(lambda x: setattr(x, 'x', x) or x)(__import__('types').SimpleNamespace())",
    ])
    func aValueThatContainsItselfIsAnError(source: String) async throws {
        try await withModule(try .any) { sample in
            let error = await #expect(throws: ProxyError.self) {
                let value: PythonDictionary = try await sample.make("{'a': \(source)}")
                _ = value
            }
            #expect("\(String(describing: error))".contains("contain themselves"))
            // Nobody has asked for it.
            guard case .object = try await sample.make(source) else {
                Issue.record("crossed")
                return
            }
            let sum: Int = try await sample.make("1 + 1")
            #expect(sum == 2)
        }
    }

    @Test(.needsPackages) func anArrayInManyPlacesTakesTheMemoryOfOne() async throws {
        try await withModule(try .any) { sample in
            let rows: [NDArray<Double>] = try await sample.make(
                "[__import__('numpy').ones(1_000_000)] * 1000")
            #expect(rows.count == 1000)
            var first = rows[0]
            first[0] = 2
            #expect(rows[0][0] == 1 && rows[999][0] == 1)
        }
    }

    /// A class whose objects refer to each other in a circle.
    private final class Knot: Encodable, @unchecked Sendable {
        var next: Knot?
    }

    @Test func swiftObjectsThatContainThemselvesAreAnError() async throws {
        let knot = Knot()
        knot.next = Knot()
        knot.next?.next = knot
        defer { knot.next = nil }
        try await withModule(try .any) { sample in
            await #expect(throws: ProxyError.self) { try await sample.echo(knot) }
            let sum: Int = try await sample.make("1 + 1")
            #expect(sum == 2)
        }
    }

    @Test(arguments: [255, 256, 257])
    func theLimitOfDepthIsTheSameOnBothSides(depth: Int) async throws {
        var value = PythonValue.none
        for _ in 0..<depth { value = .list([value]) }
        try await withModule(try .any) { sample in
            let source = "__import__('functools').reduce(lambda x, _: [x], range(\(depth)), None)"
            if depth <= 256 {
                let made: PythonValue = try await sample.make(source)
                #expect(made == value)
            } else {
                await #expect(throws: ProxyError.self) {
                    let value: [PythonValue] = try await sample.make(source)
                    _ = value
                }
            }
            // The argument itself stands in the list of arguments.
            if depth < 256 {
                try await sample.echo(value)
            } else {
                await #expect(throws: ProxyError.self) { try await sample.echo(value) }
            }
        }
    }

    /// A value with a description stands deeper in the frame than without one, for both sides.
    @Test(arguments: [10, 50, 51, 52, 84, 85, 86, 127, 128, 300])
    func describedValuesNestAsDeepAsBothSidesAllow(depth: Int) async throws {
        try await withModule(try .any) { sample in
            let source =
                "__import__('functools').reduce(lambda x, _: __import__('types').SimpleNamespace(x=x), range(\(depth)), 1)"
            var value = try await sample.make(source)
            if case .object = value {
                #expect(depth > 50)
            } else {
                #expect(depth < 127)
                for _ in 0..<depth { value = value["x"] }
                #expect(value == 1)
            }
            do {
                let fields: PythonNamespace = try await sample.make(source)
                #expect(fields.attributes.count == 1)
            } catch ProxyError.conversion(let error) {
                #expect(error.message.contains("nest deeper"))
            }
        }
    }

    @Test(.needsPackages) func arraysNeedNumpyButListsDoNot() async throws {
        try await withModule(.bare) { sample in
            do {
                try await sample.echo(NDArray([1.0]))
                Issue.record("an array arrived without numpy")
            } catch ProxyError.conversion(let error) {
                #expect(error.description.contains("numpy is not installed"))
            }
            let list: [Double] = try await sample.echo([1.0, 2])
            #expect(list == [1, 2])
        }
    }
}
