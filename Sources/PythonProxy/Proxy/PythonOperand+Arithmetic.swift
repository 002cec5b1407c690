// Python's arithmetic on what is on the server.
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

    /// Python's unary `-`.
    public static prefix func - (operand: Self) -> PythonExpression { .init(.negative, operand) }
}
