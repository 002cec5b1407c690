/// An operator of Python. The raw values are part of the protocol.
package enum PythonOperator: UInt64, Sendable, CaseIterable {
    case add, subtract, multiply, divide, remainder, power
    case and, or, exclusiveOr, leftShift, rightShift
    case less, lessOrEqual, equal, notEqual, greater, greaterOrEqual
    case negative, invert
    case addInPlace, subtractInPlace, multiplyInPlace, divideInPlace, remainderInPlace, powerInPlace
    case andInPlace, orInPlace, exclusiveOrInPlace, leftShiftInPlace, rightShiftInPlace
    /// Whether the second operand contains the first.
    case isIn

    /// Whether it may change its first operand.
    package var isInPlace: Bool { pure != nil }

    /// The operator that leaves its operands as they are; nil if this one does.
    package var pure: PythonOperator? {
        switch self {
        case .addInPlace: .add
        case .subtractInPlace: .subtract
        case .multiplyInPlace: .multiply
        case .divideInPlace: .divide
        case .remainderInPlace: .remainder
        case .powerInPlace: .power
        case .andInPlace: .and
        case .orInPlace: .or
        case .exclusiveOrInPlace: .exclusiveOr
        case .leftShiftInPlace: .leftShift
        case .rightShiftInPlace: .rightShift
        default: nil
        }
    }

    /// How many operands it has.
    package var operandCount: Int {
        switch self {
        case .negative, .invert: 1
        default: 2
        }
    }

    /// As Python writes it.
    package var symbol: String {
        switch self {
        case .add: "+"
        case .subtract, .negative: "-"
        case .multiply: "*"
        case .divide: "/"
        case .remainder: "%"
        case .power: "**"
        case .and: "&"
        case .or: "|"
        case .exclusiveOr: "^"
        case .leftShift: "<<"
        case .rightShift: ">>"
        case .less: "<"
        case .lessOrEqual: "<="
        case .equal: "=="
        case .notEqual: "!="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .invert: "~"
        case .isIn: "in"
        case .addInPlace, .subtractInPlace, .multiplyInPlace, .divideInPlace, .remainderInPlace,
            .powerInPlace, .andInPlace, .orInPlace, .exclusiveOrInPlace, .leftShiftInPlace,
            .rightShiftInPlace:
            (pure?.symbol ?? "") + "="
        }
    }
}
