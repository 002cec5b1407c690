import ProxyWire

/// A Python `decimal.Decimal`: any number of digits, as they were written.
///
/// Two are equal if they are written alike: 1.0 is not 1.00. For calculations there is Foundation's
/// `Decimal`, which holds 38 digits: ask for that, or convert this.
public struct PythonDecimal: Sendable, Hashable {
    private enum Content: Hashable {
        /// coefficient × 10^exponent.
        case finite(coefficient: PythonInteger, exponent: Int)
        /// What has no coefficient, or its sign without one: "-0", "Infinity", "NaN".
        case special(String)
    }

    private var content: Content

    /// What Python's `decimal` can have at most (its `MAX_EMAX`, and the digits that may come on top).
    private static let exponents = -4_000_000_000_000_000_000...4_000_000_000_000_000_000

    /// coefficient × 10^exponent.
    ///
    /// - Precondition: the exponent is within ±4·10¹⁸.
    public init(coefficient: PythonInteger, exponent: Int) {
        precondition(Self.exponents.contains(exponent), "the exponent \(exponent) is too large")
        content = .finite(coefficient: coefficient, exponent: exponent)
    }

    private init(special text: String) {
        content = .special(text)
    }

    /// Reads a number as Python's `Decimal` does: "1.50", "-2E+10", "NaN"; nil if the text is no number.
    public init?(_ text: String) {
        let unsigned = text.drop { $0 == "-" || $0 == "+" }
        guard text.count - unsigned.count <= 1 else { return nil }
        let words = unsigned.lowercased()
        let isNaN = ["nan", "snan"].contains { name in
            words.hasPrefix(name) && words.dropFirst(name.count).allSatisfy(\.isNumber)
        }
        if isNaN || words == "inf" || words == "infinity" {
            self.init(special: text)
            return
        }
        let parts = unsigned.split(
            maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { "eE".contains($0) })
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let exponent = parts.count > 1 ? Int(parts[1]) : 0
        guard mantissa.count <= 2, let exponent,
            Self.exponents.contains(exponent.subtractingReportingOverflow(fraction.count).0),
            !exponent.subtractingReportingOverflow(fraction.count).overflow,
            let coefficient = PythonInteger(
                (text.hasPrefix("-") ? "-" : "") + mantissa[0] + fraction)
        else { return nil }
        if coefficient.magnitude.isEmpty, text.hasPrefix("-") {
            self.init(special: text)
        } else {
            self.init(coefficient: coefficient, exponent: exponent - fraction.count)
        }
    }
}

extension PythonDecimal {
    /// Whether the values are equal, however they are written.
    func isSameNumber(as other: PythonDecimal) -> Bool { normalised == other.normalised }

    /// Without zeros at the end of the coefficient.
    private var normalised: PythonDecimal {
        guard case .finite(let coefficient, let exponent) = content else { return self }
        let digits = coefficient.description
        if coefficient.magnitude.isEmpty {
            return PythonDecimal(coefficient: coefficient, exponent: 0)
        }
        let zeros = digits.reversed().prefix { $0 == "0" }.count
        guard let shorter = PythonInteger(String(digits.dropLast(zeros))) else { return self }
        return PythonDecimal(coefficient: shorter, exponent: exponent + zeros)
    }
}

extension PythonDecimal: CustomStringConvertible {
    /// As Python's `str`. Source: the General Decimal Arithmetic specification, to-scientific-string.
    public var description: String {
        guard case .finite(let coefficient, let exponent) = content else {
            if case .special(let text) = content { return text }
            return ""
        }
        let sign = coefficient.isNegative ? "-" : ""
        let digits = coefficient.description.drop { $0 == "-" }
        let adjusted = exponent + digits.count - 1
        if exponent <= 0, adjusted >= -6 {
            let whole = digits.count + exponent
            if exponent == 0 { return sign + digits }
            if whole > 0 { return sign + digits.prefix(whole) + "." + digits.dropFirst(whole) }
            return sign + "0." + String(repeating: "0", count: -whole) + digits
        }
        let fraction = digits.dropFirst()
        return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
            + "E" + (adjusted < 0 ? "" : "+") + String(adjusted)
    }
}

extension PythonDecimal: TaggedValue {
    static var tags: [UInt64] { [CBORTag.decimal, CBORTag.specialDecimal] }

    var tagged: (tag: UInt64, content: PythonValue) {
        switch content {
        case .finite(let coefficient, let exponent):
            (CBORTag.decimal, .list([.int(exponent), PythonValue(coefficient)]))
        case .special(let text): (CBORTag.specialDecimal, .string(text))
        }
    }

    init(tag: UInt64, content: PythonValue) throws {
        if tag == CBORTag.specialDecimal {
            let text = try content.text()
            guard let value = PythonDecimal(text) else { throw ContentMismatch() }
            self = value
            return
        }
        let parts = try content.items(2)
        let exponent = try parts[0].number()
        guard Self.exponents.contains(exponent) else { throw ContentMismatch() }
        self.init(coefficient: try parts[1].integer(), exponent: exponent)
    }
}
