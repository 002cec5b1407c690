// The operators of Python on what is on the server.
//
// Each operand type has an overload of its own: with one for all encodable types the type checker gives up on formulas
// of eight terms.

extension PythonOperand {
    /// Python's `+`.
    public static func + (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.add, left, right)
    }
    public static func + (left: Self, right: Int) -> PythonExpression { .init(.add, left, right) }
    public static func + (left: Self, right: Double) -> PythonExpression {
        .init(.add, left, right)
    }
    public static func + (left: Self, right: String) -> PythonExpression {
        .init(.add, left, right)
    }
    public static func + (left: Self, right: Bool) -> PythonExpression { .init(.add, left, right) }
    public static func + (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.add, left, right)
    }
    public static func + (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.add, left, right)
    }
    public static func + (left: Int, right: Self) -> PythonExpression { .init(.add, left, right) }
    public static func + (left: Double, right: Self) -> PythonExpression {
        .init(.add, left, right)
    }
    public static func + (left: String, right: Self) -> PythonExpression {
        .init(.add, left, right)
    }
    public static func + (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.add, left, right)
    }

    /// Python's `-`.
    public static func - (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: Self, right: Int) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: Self, right: Double) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: Self, right: String) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: Self, right: Bool) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: Int, right: Self) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: Double, right: Self) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: String, right: Self) -> PythonExpression {
        .init(.subtract, left, right)
    }
    public static func - (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.subtract, left, right)
    }

    /// Python's `*`.
    public static func * (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: Self, right: Int) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: Self, right: Double) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: Self, right: String) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: Self, right: Bool) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: Int, right: Self) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: Double, right: Self) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: String, right: Self) -> PythonExpression {
        .init(.multiply, left, right)
    }
    public static func * (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.multiply, left, right)
    }

    /// Python's `/`.
    public static func / (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: Self, right: Int) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: Self, right: Double) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: Self, right: String) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: Self, right: Bool) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: Int, right: Self) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: Double, right: Self) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: String, right: Self) -> PythonExpression {
        .init(.divide, left, right)
    }
    public static func / (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.divide, left, right)
    }

    /// Python's `%`.
    public static func % (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: Self, right: Int) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: Self, right: Double) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: Self, right: String) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: Self, right: Bool) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: Int, right: Self) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: Double, right: Self) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: String, right: Self) -> PythonExpression {
        .init(.remainder, left, right)
    }
    public static func % (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.remainder, left, right)
    }

    /// Python's `**`.
    public static func ** (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: Self, right: Int) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: Self, right: Double) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: Self, right: String) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: Self, right: Bool) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: Int, right: Self) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: Double, right: Self) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: String, right: Self) -> PythonExpression {
        .init(.power, left, right)
    }
    public static func ** (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.power, left, right)
    }

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

    /// Python's `<`.
    public static func < (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.less, left, right)
    }
    public static func < (left: Self, right: Int) -> PythonExpression { .init(.less, left, right) }
    public static func < (left: Self, right: Double) -> PythonExpression {
        .init(.less, left, right)
    }
    public static func < (left: Self, right: String) -> PythonExpression {
        .init(.less, left, right)
    }
    public static func < (left: Self, right: Bool) -> PythonExpression { .init(.less, left, right) }
    public static func < (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.less, left, right)
    }
    public static func < (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.less, left, right)
    }
    public static func < (left: Int, right: Self) -> PythonExpression { .init(.less, left, right) }
    public static func < (left: Double, right: Self) -> PythonExpression {
        .init(.less, left, right)
    }
    public static func < (left: String, right: Self) -> PythonExpression {
        .init(.less, left, right)
    }
    public static func < (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.less, left, right)
    }

    /// Python's `<=`.
    public static func <= (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: Self, right: Int) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: Self, right: Double) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: Self, right: String) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: Self, right: Bool) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: Int, right: Self) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: Double, right: Self) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: String, right: Self) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }
    public static func <= (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.lessOrEqual, left, right)
    }

    /// Python's `>`.
    public static func > (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: Self, right: Int) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: Self, right: Double) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: Self, right: String) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: Self, right: Bool) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: Int, right: Self) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: Double, right: Self) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: String, right: Self) -> PythonExpression {
        .init(.greater, left, right)
    }
    public static func > (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.greater, left, right)
    }

    /// Python's `>=`.
    public static func >= (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: Self, right: Int) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: Self, right: Double) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: Self, right: String) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: Self, right: Bool) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: Int, right: Self) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: Double, right: Self) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: String, right: Self) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }
    public static func >= (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.greaterOrEqual, left, right)
    }

    /// Python's `==`.
    public static func .== (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: Self, right: Int) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: Self, right: Double) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: Self, right: String) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: Self, right: Bool) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: Int, right: Self) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: Double, right: Self) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: String, right: Self) -> PythonExpression {
        .init(.equal, left, right)
    }
    public static func .== (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.equal, left, right)
    }

    /// Python's `!=`.
    public static func .!= (left: Self, right: some PythonOperand) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: Self, right: Int) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: Self, right: Double) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: Self, right: String) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: Self, right: Bool) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: Self, right: [some Encodable & Sendable]) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: Self, right: NDArray<some NDArrayScalar>) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: Int, right: Self) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: Double, right: Self) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: String, right: Self) -> PythonExpression {
        .init(.notEqual, left, right)
    }
    public static func .!= (left: NDArray<some NDArrayScalar>, right: Self) -> PythonExpression {
        .init(.notEqual, left, right)
    }

    /// Python's unary `-`.
    public static prefix func - (operand: Self) -> PythonExpression { .init(.negative, operand) }

    /// Python's `~`.
    public static prefix func ~ (operand: Self) -> PythonExpression { .init(.invert, operand) }
}
