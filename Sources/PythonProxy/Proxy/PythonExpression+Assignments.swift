import ProxyWire

infix operator **= : AssignmentPrecedence

// Python's augmented assignments: in a script the value itself is changed if its type does that, as those of lists and
// arrays do, and what is assigned to is an attribute or item, or a variable of the closure.

extension PythonExpression {
    /// Python's `+=`.
    public static func += (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.addInPlace, left, right)
    }

    /// Python's `-=`.
    public static func -= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.subtractInPlace, left, right)
    }

    /// Python's `*=`.
    public static func *= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.multiplyInPlace, left, right)
    }

    /// Python's `/=`.
    public static func /= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.divideInPlace, left, right)
    }

    /// Python's `%=`.
    public static func %= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.remainderInPlace, left, right)
    }

    /// Python's `**=`.
    public static func **= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.powerInPlace, left, right)
    }

    /// Python's `&=`.
    public static func &= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.andInPlace, left, right)
    }

    /// Python's `|=`.
    public static func |= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.orInPlace, left, right)
    }

    /// Python's `^=`.
    public static func ^= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.exclusiveOrInPlace, left, right)
    }

    /// Python's `<<=`.
    public static func <<= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.leftShiftInPlace, left, right)
    }

    /// Python's `>>=`.
    public static func >>= (left: inout PythonExpression, right: some Encodable & Sendable) {
        left = .init(.rightShiftInPlace, left, right)
    }
}
