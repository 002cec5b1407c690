/// A Python int of any size.
///
/// It carries numbers and shows them; it does not calculate. Numbers that fit are converted with
/// `Int(exactly:)` and its like.
public struct PythonInteger: Sendable, Hashable {
    /// Whether the number is less than zero.
    public let isNegative: Bool
    /// The absolute value as bytes, the most significant first, without leading zeros.
    public let magnitude: [UInt8]

    /// The time that decimal digits take grows with the square of their number.
    private static let longestDecimal = 10_000

    /// - Parameter magnitude: the absolute value as big-endian bytes.
    public init(isNegative: Bool, magnitude: [UInt8]) {
        self.magnitude = Array(magnitude.drop { $0 == 0 })
        self.isNegative = isNegative && !self.magnitude.isEmpty
    }

    public init(_ value: some BinaryInteger) {
        var rest = value.magnitude
        var bytes: [UInt8] = []
        while rest != 0 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
        self.init(isNegative: value < 0, magnitude: bytes.reversed())
    }

    /// Reads decimal digits with an optional sign, 24,000 at most; nil if the text is anything else.
    public init?(_ decimal: String) {
        let digits = decimal.drop { $0 == "-" || $0 == "+" }
        guard !digits.isEmpty, digits.utf8.count <= 24_000, decimal.count - digits.count <= 1,
            digits.allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        var limbs: [UInt32] = []
        for digit in digits.utf8 {
            var carry = UInt64(digit - UInt8(ascii: "0"))
            for index in limbs.indices {
                carry += UInt64(limbs[index]) * 10
                limbs[index] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            if carry > 0 { limbs.append(UInt32(carry)) }
        }
        let bytes = limbs.reversed().flatMap { limb in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: limb >> $0) }
        }
        self.init(isNegative: decimal.hasPrefix("-"), magnitude: bytes)
    }
}

extension FixedWidthInteger {
    /// The same number, or nil if it does not fit.
    public init?(exactly value: PythonInteger) {
        guard value.magnitude.count <= UInt128.bitWidth / 8 else { return nil }
        let magnitude = value.magnitude.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        guard value.isNegative else {
            self.init(exactly: magnitude)
            return
        }
        guard magnitude <= Int128.min.magnitude else { return nil }
        self.init(exactly: Int128(truncatingIfNeeded: 0 &- magnitude))
    }
}

extension PythonInteger: CustomStringConvertible {
    /// The number in decimal digits; in hexadecimal ones if it has more than some 24,000 of them, which would
    /// take too long.
    public var description: String {
        guard magnitude.count <= Self.longestDecimal else {
            let digits = magnitude.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return (isNegative ? "-0x" : "0x") + digits
        }
        var limbs = magnitude
        var groups: [String] = []
        while !limbs.isEmpty {
            var remainder: UInt64 = 0
            for index in limbs.indices {
                let value = remainder << 8 | UInt64(limbs[index])
                limbs[index] = UInt8(value / 1_000_000_000)
                remainder = value % 1_000_000_000
            }
            limbs = Array(limbs.drop { $0 == 0 })
            let digits = String(remainder)
            groups.append(
                limbs.isEmpty ? digits : String(repeating: "0", count: 9 - digits.count) + digits)
        }
        let digits = groups.isEmpty ? "0" : groups.reversed().joined()
        return (isNegative ? "-" : "") + digits
    }
}
