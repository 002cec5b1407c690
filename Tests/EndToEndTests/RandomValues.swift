import Foundation
import ProxyWire

@testable import PythonProxy

/// Nested values of every type that needs no library, the same for the same seed.
struct RandomValues: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    }

    /// Source: Sebastiano Vigna, splitmix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    private mutating func number(below limit: Int) -> Int { Int(next() % UInt64(limit)) }

    private mutating func items(_ depth: Int) -> [PythonValue] {
        (0..<number(below: 6)).map { _ in value(depth: depth - 1) }
    }

    mutating func value(depth: Int) -> PythonValue {
        if depth == 0 || number(below: 10) < 3 { return leaf() }
        let items = items(depth)
        switch number(below: 5) {
        case 0: return .list(items)
        case 1: return .tuple(items)
        case 2: return .set(Set((0..<items.count).map { _ in key() }))
        case 3:
            return .list((0..<number(below: 40)).map { _ in .double(Double(number(below: 99))) })
        default:
            return .dictionary(PythonDictionary(items.map { (key(), $0) }))
        }
    }

    /// A hashable value. Numbers of one type only: Python takes 1, 1.0 and True for the same key.
    private mutating func key() -> PythonValue {
        switch number(below: 5) {
        case 0: return .int(number(below: 1000) - 500)
        case 1: return .string("k\(number(below: 1000))")
        case 2: return .tuple([.int(number(below: 9)), .string("é")])
        case 3: return .of(PythonDate(daysSince1970: number(below: 40_000) - 20_000))
        default:
            let bytes = (0..<16).map { _ in UInt8(number(below: 256)) }
            return .tagged(PythonTaggedValue(tag: CBORTag.uuid, content: .bytes(bytes)))
        }
    }

    private mutating func leaf() -> PythonValue {
        switch number(below: 16) {
        case 0: return .none
        case 1: return .bool(next() & 1 == 0)
        case 2: return .int(Int(bitPattern: UInt(next())) >> number(below: 63))
        case 3:
            let magnitude = (0..<9 + number(below: 30)).map { _ in UInt8(1 + number(below: 255)) }
            return .bigInt(PythonInteger(isNegative: next() & 1 == 0, magnitude: magnitude))
        case 4:
            let double = Double(bitPattern: next())
            return .double(double.isNaN ? -0.0 : double)
        case 5: return .complex(Complex(Double(number(below: 99)), -0.5))
        case 6:
            return .string(
                String(
                    (0..<number(below: 20)).map { _ in "aü水🚀\0".randomElement(using: &self) ?? "a" }
                ))
        case 7:
            return .bytes((0..<number(below: 30)).map { _ in UInt8(truncatingIfNeeded: next()) })
        case 8:
            return .tagged(
                PythonTaggedValue(
                    tag: CBORTag.bytearray, content: .bytes([1, 2, UInt8(number(below: 256))]),
                    plainForm: .content))
        case 9:
            return .of(
                PythonDecimal(
                    coefficient: PythonInteger(Int64(bitPattern: next()) | 1),
                    exponent: number(below: 80) - 40))
        case 10:
            return .of(PythonFraction(2 * number(below: 1000) + 1, 1 << number(below: 60)))
        case 11:
            let date = PythonDate(daysSince1970: number(below: 1_000_000) - 500_000)
            let zones: [PythonTimeZone?] = [
                nil, .utc, .offset(seconds: -3600), .offset(seconds: 61),
            ]
            return .of(
                PythonDateTime(
                    date,
                    PythonTime(
                        hour: number(below: 24), minute: number(below: 60),
                        second: number(below: 60), microsecond: number(below: 1_000_000),
                        zone: zones[number(below: 4)])))
        case 12:
            return .of(
                PythonTimeDelta(
                    seconds: number(below: 1_000_000) - 500_000,
                    microseconds: number(below: 1_000_000)))
        case 13: return .of(PythonRange(number(below: 100), number(below: 100), step: -3))
        case 14: return .of(PythonPath("/a/b\(number(below: 9))"))
        default: return .of(PythonSlice(.int(number(below: 9)), .none, step: "x"))
        }
    }
}

extension PythonValue {
    /// A value made in Swift.
    static func of(_ view: some TaggedValue) -> PythonValue { .tagged(view.erased) }
}
