/// A Swift type that can be the element of an `NDArray`.
///
/// Conformances are provided by this package: the memory of a value must be that of numpy's element.
public protocol NDArrayScalar: Sendable, Hashable {
    /// numpy's name for this type.
    static var dtype: DType { get }
}

/// A scalar of which every pattern of bits is a value, so that its memory can be shared with others.
///
/// `Bool` is not one: a byte other than 0 and 1 is no `Bool`, and Python can write one.
public protocol SharedScalar: NDArrayScalar {}

extension Int8: SharedScalar {}
extension Int16: SharedScalar {}
extension Int32: SharedScalar {}
extension Int64: SharedScalar {}
extension Int: SharedScalar {}
extension UInt8: SharedScalar {}
extension UInt16: SharedScalar {}
extension UInt32: SharedScalar {}
extension UInt64: SharedScalar {}
extension UInt: SharedScalar {}
extension Float: SharedScalar {}
extension Double: SharedScalar {}
extension Complex: SharedScalar where RealType: ComplexPart {}

extension Bool: NDArrayScalar { public static var dtype: DType { .bool } }
extension Int8: NDArrayScalar { public static var dtype: DType { .int8 } }
extension Int16: NDArrayScalar { public static var dtype: DType { .int16 } }
extension Int32: NDArrayScalar { public static var dtype: DType { .int32 } }
extension Int64: NDArrayScalar { public static var dtype: DType { .int64 } }
extension Int: NDArrayScalar { public static var dtype: DType { .int64 } }
extension UInt8: NDArrayScalar { public static var dtype: DType { .uint8 } }
extension UInt16: NDArrayScalar { public static var dtype: DType { .uint16 } }
extension UInt32: NDArrayScalar { public static var dtype: DType { .uint32 } }
extension UInt64: NDArrayScalar { public static var dtype: DType { .uint64 } }
extension UInt: NDArrayScalar { public static var dtype: DType { .uint64 } }
extension Float: NDArrayScalar { public static var dtype: DType { .float32 } }
extension Double: NDArrayScalar { public static var dtype: DType { .float64 } }
#if !(os(macOS) && arch(x86_64))
    extension Float16: SharedScalar {}
    extension Float16: NDArrayScalar { public static var dtype: DType { .float16 } }
#endif
/// The numbers that numpy's complex numbers are made of.
public protocol ComplexPart: NDArrayScalar {
    /// numpy's name for complex numbers of two of these.
    static var complexDType: DType { get }
}

extension Float: ComplexPart { public static var complexDType: DType { .complex64 } }
extension Double: ComplexPart { public static var complexDType: DType { .complex128 } }

extension Complex: NDArrayScalar where RealType: ComplexPart {
    public static var dtype: DType { RealType.complexDType }
}
