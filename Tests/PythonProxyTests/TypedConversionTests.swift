import Foundation
import ProxyWire
import Testing

@testable import PythonProxy

struct TypedConversionTests {
    struct Point: Codable, Equatable, Sendable {
        var x: Double
        var y: Double
        var label: String?
    }

    enum Kind: String, Codable, Sendable { case open, closed }

    struct Shape: Codable, Equatable, Sendable {
        var kind: Kind
        var points: [Point]
        var named: [String: Point]
        var weights: NDArray<Double>
        var data: Data
        var any: PythonValue
    }

    private func roundTrip<Value: Codable & Equatable>(_ value: Value) throws -> Value {
        try ValueCoding.decode(Value.self, from: try ValueCoding.encode(value))
    }

    @Test func codableTypesArriveAsTheyWereSent() throws {
        let shape = Shape(
            kind: .closed, points: [Point(x: 1, y: -0.5, label: "a"), Point(x: 0, y: 1e300)],
            named: ["p": Point(x: 2, y: 3)], weights: NDArray(shape: [2, 1], [1.0, 2]),
            data: Data([1, 2, 255]), any: ["t": .tuple([1, nil])])
        #expect(try roundTrip(shape) == shape)
        #expect(try roundTrip([shape, shape]) == [shape, shape])
    }

    @Test func aCodableTypeIsADict() throws {
        let value: PythonValue = try ValueCoding.decode(
            PythonValue.self, from: try ValueCoding.encode(Point(x: 1, y: 2, label: nil)))
        #expect(value == ["x": 1.0, "y": 2.0])
    }

    /// Encodes by hand, with nested containers and a superclass.
    private struct Nested: Encodable {
        func encode(to encoder: any Encoder) throws {
            var outer = encoder.container(keyedBy: AnyKey.self)
            var list = outer.nestedUnkeyedContainer(forKey: AnyKey("list"))
            try list.encode(1)
            var inner = list.nestedContainer(keyedBy: AnyKey.self)
            try inner.encode("v", forKey: AnyKey("k"))
            try list.encodeNil()
            var single = outer.superEncoder(forKey: AnyKey("super")).singleValueContainer()
            try single.encode(2.5)
            try outer.encode(true, forKey: AnyKey("last"))
        }
    }

    @Test func nestedContainersEndWhereTheirParentGoesOn() throws {
        let value: PythonValue = try ValueCoding.decode(
            PythonValue.self, from: try ValueCoding.encode(Nested()))
        #expect(value == ["list": [1, ["k": "v"], nil], "super": 2.5, "last": true])
    }

    private struct Interleaved: Encodable {
        func encode(to encoder: any Encoder) throws {
            var outer = encoder.container(keyedBy: AnyKey.self)
            var inner = outer.nestedUnkeyedContainer(forKey: AnyKey("inner"))
            try outer.encode(1, forKey: AnyKey("next"))
            try inner.encode(2)
        }
    }

    @Test func aContainerUsedAfterItsEndIsAnError() {
        #expect(throws: ProxyError.self) { try ValueCoding.encode(Interleaved()) }
    }

    private struct Empty: Codable, Equatable {}

    @Test func aTypeWithoutContentIsAnEmptyDict() throws {
        #expect(try roundTrip(Empty()) == Empty())
    }

    @Test func listsOfNumbersConvertBetweenTypes() throws {
        #expect(try PythonValue.list([1, 2, 3]).as([Double].self) == [1, 2, 3])
        #expect(try PythonValue.list([1.0, 2.0]).as([Int].self) == [1, 2])
        #expect(try PythonValue.tuple([1, 2]).as([UInt8].self) == [1, 2])
        let array = PythonValue.array(NDArray(shape: [2, 2], [1.0, 2, 3, 4]).erased)
        #expect(try array.as([[Double]].self) == [[1, 2], [3, 4]])
        #expect(try array.as([[Int]].self) == [[1, 2], [3, 4]])
        #expect(try array.as([PythonValue].self).count == 2)
        #expect(try PythonValue.scalar(NDArray<Float>(shape: [], [2]).erased).as(Int.self) == 2)
        #expect(try PythonValue.bytes([1, 2]).as([UInt8].self) == [1, 2])
    }

    @Test func tuplesDestructureToExactlyAsManyItems() throws {
        let frame = try ValueCoding.encode(PythonValue.tuple([1, "two", [3.0]]))
        let (a, b, c) = try ValueCoding.decode(
            tuple: (Int, String, [Double]).self, from: frame)
        #expect((a, b) == (1, "two") && c == [3])
        #expect(throws: ProxyError.self) {
            try ValueCoding.decode(tuple: (Int, String).self, from: frame)
        }
    }

    /// Conversions that would lose something, or make no sense, with a word of the error.
    static let lossy: [(name: String, convert: @Sendable () throws -> Void, word: String)] = [
        ("300 to UInt8", { _ = try PythonValue.int(300).as(UInt8.self) }, "UInt8"),
        ("-1 to UInt", { _ = try PythonValue.int(-1).as(UInt.self) }, "UInt"),
        ("2.5 to Int", { _ = try PythonValue.double(2.5).as(Int.self) }, "2.5"),
        ("NaN to Int", { _ = try PythonValue.double(.nan).as(Int.self) }, "nan"),
        ("None to Int", { _ = try PythonValue.none.as(Int.self) }, "None"),
        ("a str to Int", { _ = try PythonValue.string("1").as(Int.self) }, "str"),
        ("an int to String", { _ = try PythonValue.int(1).as(String.self) }, "int"),
        ("an int to Bool", { _ = try PythonValue.int(1).as(Bool.self) }, "int"),
        ("a bool to Int", { _ = try PythonValue.bool(true).as(Int.self) }, "bool"),
        (
            "2⁵³ + 1 to Double", { _ = try PythonValue.int(9_007_199_254_740_993).as(Double.self) },
            "Double"
        ),
        (
            "a big int to Int",
            { _ = try PythonValue.bigInt(PythonInteger(UInt64.max)).as(Int.self) }, "Int"
        ),
        ("1e300 to Float", { _ = try PythonValue.double(1e300).as(Float.self) }, "Float"),
        ("an int to a list", { _ = try PythonValue.int(1).as([Int].self) }, "int"),
        ("a list to a dict", { _ = try PythonValue.list([]).as([String: Int].self) }, "list"),
        (
            "a list to an array", { _ = try PythonValue.list([1]).as(NDArray<Double>.self) },
            "NDArray"
        ),
        (
            "int64 to float64",
            { _ = try PythonValue.array(NDArray([1]).erased).as(NDArray<Double>.self) }, "astype"
        ),
        (
            "a matrix to a list",
            { _ = try PythonValue.array(NDArray(shape: [1, 1], [1.0]).erased).as([Double].self) },
            "[0]"
        ),
        ("a deep item", { _ = try PythonValue.list([[1, "x"]]).as([[Int]].self) }, "[0][1]"),
        (
            "a value of a dict",
            { _ = try PythonValue.dictionary(["a": "x"]).as([String: Int].self) }, "['a']"
        ),
        ("a missing key", { _ = try PythonValue.dictionary(["x": 1]).as(Point.self) }, "'y'"),
        (
            "a wrong field",
            { _ = try PythonValue.list([["x": 1, "y": "no"]]).as([Point].self) }, "[0].y"
        ),
        ("an unknown case", { _ = try PythonValue.string("round").as(Kind.self) }, "round"),
    ]

    @Test(arguments: lossy.indices)
    func lossyConversionsThrowAndSayWhere(index: Int) {
        let (name, convert, word) = Self.lossy[index]
        let error = #expect(throws: ProxyError.self, "\(name)") { try convert() }
        guard case .conversion(let conversion) = error else {
            Issue.record("\(name): \(String(describing: error))")
            return
        }
        #expect(conversion.description.contains(word), "\(name): \(conversion)")
    }

    @Test func veryDeepValuesAreRefusedInsteadOfOverflowingTheStack() {
        var value = PythonValue.none
        for _ in 0..<5000 { value = .list([value]) }
        #expect(throws: ProxyError.self) { try ValueCoding.encode(value) }
    }
}
