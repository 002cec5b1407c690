import ProxyWire
import Testing

@testable import PythonProxy

struct ValueTests {
    /// Every kind of value, with what Python's `repr` shows for it.
    static let values: [(PythonValue, String)] = [
        (nil, "None"), (true, "True"), (false, "False"), (0, "0"), (-17, "-17"),
        (.int(.max), "9223372036854775807"), (.int(.min), "-9223372036854775808"),
        (.bigInt(PythonInteger(UInt64.max)), "18446744073709551615"),
        (
            .bigInt(
                PythonInteger(isNegative: true, magnitude: [1] + [UInt8](repeating: 0, count: 16))),
            "-340282366920938463463374607431768211456"
        ),
        (1.0, "1.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1e16, "1e+16"), (1e22, "1e+22"),
        (1.5e300, "1.5e+300"), (1e-7, "1e-07"), (123456789.125, "123456789.125"),
        (.double(.infinity), "inf"), (.double(-.infinity), "-inf"),
        (.complex(Complex(1, -2)), "(1-2j)"), (.complex(Complex(0, 1.5)), "1.5j"),
        ("", "''"), ("it's", "\"it's\""), ("a\n\t\\", "'a\\n\\t\\\\'"), ("ü水𐅑👩‍🚀", "'ü水𐅑👩‍🚀'"),
        (.bytes([]), "b''"), (.bytes([0, 65, 255, 10]), "b'\\x00A\\xff\\n'"),
        ([], "[]"), ([1, [2, nil]], "[1, [2, None]]"),
        (.tuple([]), "()"), (.tuple([1]), "(1,)"), (.tuple([1, "a"]), "(1, 'a')"),
        ([:], "{}"), (["b": 1, "a": [true]], "{'b': 1, 'a': [True]}"),
        ([1: "one", .tuple([1, 2]): nil, 2.5: 3], "{1: 'one', (1, 2): None, 2.5: 3}"),
        (.array(NDArray([1.0, 2]).erased), "array([1., 2.])"),
        (.array(NDArray(shape: [2, 2], [1, 2, 3, 4]).erased), "array([[1, 2],\n       [3, 4]])"),
        (.array(NDArray<Float>([0.5]).erased), "array([0.5], dtype=float32)"),
        (
            .array(NDArray(shape: [0, 3], [Double]()).erased),
            "array([], shape=(0, 3), dtype=float64)"
        ),
        (.array(NDArray([true, false]).erased), "array([ True, False])"),
        (.array(NDArray([Complex(1.0, 2)]).erased), "array([1.+2.j])"),
        (.array(NDArray(shape: [], [7]).erased), "array(7)"),
        (.scalar(NDArray<Float>(shape: [], [1.5]).erased), "np.float32(1.5)"),
    ]

    @Test(arguments: values)
    func describesLikeRepr(value: PythonValue, description: String) {
        #expect(value.debugDescription == description)
    }

    @Test(
        arguments: [
            ("it's", "it's"), (["it's", 1.0], #"["it's", 1.0]"#),
            (.array(NDArray([1.0, 2]).erased), "[1. 2.]"),
            (.array(NDArray([[1, 2], [3, 4]]).erased), "[[1 2]\n [3 4]]"),
            (.array(NDArray(shape: [], [7]).erased), "7"),
            (.list([.array(NDArray([1.5]).erased)]), "[array([1.5])]"),
            (.scalar(NDArray<Float>(shape: [], [1.5]).erased), "1.5"),
            (.set([10, 9, 1]), "{1, 9, 10}"), (nil, "None"),
        ] as [(PythonValue, String)])
    func printsLikeStr(value: PythonValue, text: String) {
        #expect("\(value)" == text)
    }

    @Test(arguments: values)
    func arrivesAsItWasSent(value: PythonValue, description: String) throws {
        #expect(try value.as(PythonValue.self) == value)
    }

    @Test func notANumberArrivesAsItself() throws {
        let value: Double = try PythonValue.double(.nan).as()
        #expect(value.isNaN)
        #expect(PythonValue.double(.nan) != .double(.nan))
    }

    @Test func negativeZeroKeepsItsSign() throws {
        let value: Double = try PythonValue.double(-0.0).as()
        #expect(value.sign == .minus)
    }

    @Test func subscriptsFindItemsByPositionAndKey() {
        let value: PythonValue = ["a": [1, 2, 3], 7: "seven"]
        #expect(value["a"][1] == 2)
        #expect(value["a"][-1] == 3)
        #expect(value[7] == "seven")
        #expect(PythonValue.tuple([1, 2])[0] == 1)
        #expect(PythonValue.bytes([7])[0] == 7)
        #expect(
            PythonValue.array(NDArray([[1, 2], [3, 4]]).erased)[1]
                == .array(NDArray([3, 4]).erased))
        #expect(PythonValue.array(NDArray([1.5, 2]).erased)[-1] == 2.0)
        #expect(value.count == 2)
    }

    @Test(
        arguments: [
            (["mean": 1.5, "std": 2], "men", "no key 'men' in a dict; the keys are 'mean', 'std'"),
            ([1, 2], 2, "no item 2 in a list of 2 items"),
            (nil, "a", "no item 'a' in None"), (3, 0, "no item 0 in an int"),
        ] as [(PythonValue, PythonValue, String)])
    func whatIsNotThereSaysWhatIs(value: PythonValue, key: PythonValue, message: String) {
        let error = #expect(throws: ProxyError.self) { try value[key].as(Double.self) }
        #expect("\(error as Any)".contains(message))
        #expect(Double(value[key]) == nil)
    }

    @Test func itemsAreAssigned() throws {
        var value: PythonValue = ["a": [1, 2], 7: nil]
        value["a"][-1] = 5
        value["b"]["c"] = "new"
        value[7] = [1.5]
        value["d"] = try PythonValue(PythonDate(year: 2024, month: 1, day: 31))
        #expect("\(value)" == "{'a': [1, 5], 7: [1.5], 'b': {'c': 'new'}, 'd': 2024-01-31}")
        var none: PythonValue = nil
        none["x"]["y"] = 1
        #expect(none == ["x": ["y": 1]])
        var number: PythonValue = 3
        number["x"] = 1
        #expect(throws: ProxyError.self) { try number.as(Int.self) }
    }

    @Test func valuesAreSequencesOfTheirItems() throws {
        #expect(Array([1, "x", nil] as PythonValue) == [1, "x", nil])
        #expect(Array(["b": 1, "a": 2] as PythonValue) == ["b", "a"] as [PythonValue])
        #expect(Array(PythonValue.set([3, 1, 20])) == [1, 3, 20])
        #expect(Array(PythonValue.array(NDArray([1.5, 2]).erased)) == [1.5, 2.0])
        #expect(Array(PythonValue.int(3)).isEmpty)
        #expect(NDArray([[1, 2], [3, 4]]).reduce(0, +) == 10)
        let numbers: [Int]? = Array([1, 2] as PythonValue)
        #expect(numbers == [1, 2])
        let texts: [String]? = Array([1, 2] as PythonValue)
        #expect(texts == nil)
    }

    @Test func valuesAreConvertedByInitialisers() throws {
        #expect(Int(PythonValue.int(3)) == 3 && Int(PythonValue.string("3")) == nil)
        #expect(Double(PythonValue.double(1.5)) == 1.5 && Double(PythonValue.none) == nil)
        #expect(Bool(PythonValue.bool(true)) == true && Bool(PythonValue.int(1)) == nil)
        #expect(String(PythonValue.string("x")) == "x" && String(PythonValue.int(1)) == nil)
        struct Part: Codable, Equatable { var name: String, size: Double? }
        let value = try PythonValue(["a": Part(name: "x", size: nil)])
        #expect(value["a"]["name"] == "x")
        #expect(try value.as([String: Part].self)["a"] == Part(name: "x", size: nil))
    }

    @Test func dictionariesAreEqualInWhateverOrder() {
        #expect(PythonValue.dictionary([1: 2, 3: 4]) == .dictionary([3: 4, 1: 2]))
        #expect(PythonValue.dictionary([1: 2]) != .dictionary([1: 3]))
        #expect(PythonDictionary([(1, 2), (1, 3)])[1] == 3)
    }

    @Test(arguments: [
        "0", "1", "-1", "18446744073709551616", "-18446744073709551617",
        "1000000000000000000000000000000000", "123456789012345678901234567890",
    ])
    func integersReadTheDigitsTheyPrint(digits: String) throws {
        let integer = try #require(PythonInteger(digits))
        #expect(integer.description == digits)
        #expect(try PythonValue.bigInt(integer).as(PythonInteger.self) == integer)
    }

    @Test func textThatIsNoIntegerIsRefused() {
        for text in ["", "-", "1.5", "x", "--1", "1 "] { #expect(PythonInteger(text) == nil) }
    }

    @Test func integersConvertExactlyOrNotAtAll() {
        #expect(Int(exactly: PythonInteger(Int.min)) == Int.min)
        #expect(Int(exactly: PythonInteger(UInt64.max)) == nil)
        #expect(UInt64(exactly: PythonInteger(UInt64.max)) == .max)
        #expect(UInt8(exactly: PythonInteger(-1)) == nil)
        #expect(Int128(exactly: PythonInteger(Int128.min)) == Int128.min)
    }

    @Test func integersOfAnySizeFitOrAreNil() throws {
        for (value, fits) in [(200, nil), (127, 127), (-128, -128), (-129, nil), (0, 0)] {
            #expect(Int8(exactly: PythonInteger(value)) == fits.map { Int8($0) })
        }
        #expect(UInt8(exactly: PythonInteger(255)) == 255)
        #expect(UInt8(exactly: PythonInteger(-1)) == nil)
        #expect(Int128(exactly: PythonInteger(Int128.min)) == .min)
        #expect(UInt128(exactly: PythonInteger(UInt128.max)) == .max)
        #expect(Int128(exactly: PythonInteger(UInt128.max)) == nil)
        let long = try #require(PythonInteger("1" + String(repeating: "0", count: 50)))
        #expect(UInt128(exactly: long) == nil)
    }
}
