// Python's comparisons of what is on the server. Each operand type has an overload of its own, as in
// PythonOperand+Arithmetic.swift.

extension PythonOperand {
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
}
