import ProxyWire

infix operator **= : AssignmentPrecedence

// Python's augmented assignments: in a script the value itself is changed if its type does that, as those of lists and
// arrays do, and what is assigned to is an attribute or item, or a variable of the closure.

extension PythonExpression {
    /// Python's `+=`.
    public static func += (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.addInPlace, or: .add, right)
    }

    /// Python's `-=`.
    public static func -= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.subtractInPlace, or: .subtract, right)
    }

    /// Python's `*=`.
    public static func *= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.multiplyInPlace, or: .multiply, right)
    }

    /// Python's `/=`.
    public static func /= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.divideInPlace, or: .divide, right)
    }

    /// Python's `%=`.
    public static func %= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.remainderInPlace, or: .remainder, right)
    }

    /// Python's `**=`.
    public static func **= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.powerInPlace, or: .power, right)
    }

    /// Python's `&=`.
    public static func &= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.andInPlace, or: .and, right)
    }

    /// Python's `|=`.
    public static func |= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.orInPlace, or: .or, right)
    }

    /// Python's `^=`.
    public static func ^= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.exclusiveOrInPlace, or: .exclusiveOr, right)
    }

    /// Python's `<<=`.
    public static func <<= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.leftShiftInPlace, or: .leftShift, right)
    }

    /// Python's `>>=`.
    public static func >>= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left.apply(.rightShiftInPlace, or: .rightShift, right)
    }

    /// - Parameter pure: the operator where nothing is assigned: outside of scripts.
    private mutating func apply(
        _ operation: PythonOperator, or pure: PythonOperator, _ right: some Encodable & Sendable
    ) {
        let isInScript = Self.recorder(of: [self, right]) != nil
        self = PythonExpression(isInScript ? operation : pure, self, right)
    }
}
