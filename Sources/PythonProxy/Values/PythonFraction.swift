import ProxyWire

/// A Python `fractions.Fraction`.
public struct PythonFraction: Sendable, Hashable {
    public var numerator: PythonInteger
    public var denominator: PythonInteger

    public init(_ numerator: Int, _ denominator: Int) {
        self.numerator = PythonInteger(numerator)
        self.denominator = PythonInteger(denominator)
    }
}

extension PythonFraction: CustomStringConvertible {
    public var description: String { "\(numerator)/\(denominator)" }
}

extension PythonFraction: TaggedValue {
    static var tags: [UInt64] { [CBORTag.rational] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.rational, .list([PythonValue(numerator), PythonValue(denominator)]))
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(2)
        numerator = try parts[0].integer()
        denominator = try parts[1].integer()
    }
}
