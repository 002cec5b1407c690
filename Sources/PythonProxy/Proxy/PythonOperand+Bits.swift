// Python's operators on bits and sets, of what is on the server. Each operand type has an overload of its own, as in
// PythonOperand+Arithmetic.swift.

extension PythonOperand {
    /// Python's `&`.
    public static func & (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.and, left, right)
    }
    public static func & (left: Self, right: Int) -> PythonExpression { .init(.and, left, right) }
    public static func & (left: Self, right: Double) -> PythonExpression {
        .init(.and, left, right)
    }
    public static func & (left: Self, right: String) -> PythonExpression {
        .init(.and, left, right)
    }
    public static func & (left: Self, right: Bool) -> PythonExpression { .init(.and, left, right) }
    public static func & (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.and, left, right)
    }
    public static func & (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.and, left, right)
    }
    public static func & (left: Int, right: Self) -> PythonExpression { .init(.and, left, right) }
    public static func & (left: Double, right: Self) -> PythonExpression {
        .init(.and, left, right)
    }
    public static func & (left: String, right: Self) -> PythonExpression {
        .init(.and, left, right)
    }
    public static func & (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.and, left, right)
    }

    /// Python's `|`.
    public static func | (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.or, left, right)
    }
    public static func | (left: Self, right: Int) -> PythonExpression { .init(.or, left, right) }
    public static func | (left: Self, right: Double) -> PythonExpression { .init(.or, left, right) }
    public static func | (left: Self, right: String) -> PythonExpression { .init(.or, left, right) }
    public static func | (left: Self, right: Bool) -> PythonExpression { .init(.or, left, right) }
    public static func | (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.or, left, right)
    }
    public static func | (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.or, left, right)
    }
    public static func | (left: Int, right: Self) -> PythonExpression { .init(.or, left, right) }
    public static func | (left: Double, right: Self) -> PythonExpression { .init(.or, left, right) }
    public static func | (left: String, right: Self) -> PythonExpression { .init(.or, left, right) }
    public static func | (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.or, left, right)
    }

    /// Python's `^`.
    public static func ^ (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: Self, right: Int) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: Self, right: Double) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: Self, right: String) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: Self, right: Bool) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: Int, right: Self) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: Double, right: Self) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: String, right: Self) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }
    public static func ^ (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.exclusiveOr, left, right)
    }

    /// Python's `<<`.
    public static func << (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: Self, right: Int) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: Self, right: Double) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: Self, right: String) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: Self, right: Bool) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: Int, right: Self) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: Double, right: Self) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: String, right: Self) -> PythonExpression {
        .init(.leftShift, left, right)
    }
    public static func << (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.leftShift, left, right)
    }

    /// Python's `>>`.
    public static func >> (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: Self, right: Int) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: Self, right: Double) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: Self, right: String) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: Self, right: Bool) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: Int, right: Self) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: Double, right: Self) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: String, right: Self) -> PythonExpression {
        .init(.rightShift, left, right)
    }
    public static func >> (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.rightShift, left, right)
    }

    /// Python's `~`.
    public static prefix func ~ (operand: Self) -> PythonExpression { .init(.invert, operand) }
}
