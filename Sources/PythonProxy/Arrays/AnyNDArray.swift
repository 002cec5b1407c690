import ProxyWire

/// A multi-dimensional array whose dtype is known only at run time.
///
/// The elements are in row-major ("C") order.
public struct AnyNDArray: Sendable {
    public let dtype: DType
    /// The length of each dimension; empty for an array of one element without dimensions.
    public let shape: [Int]
    let storage: ArrayStorage

    init(dtype: DType, shape: [Int], storage: ArrayStorage) {
        self.dtype = dtype
        self.shape = shape
        self.storage = storage
    }

    /// Takes the elements of an array on the wire; without a copy if they are in shared memory.
    init(shape: [Int], elements: Elements) {
        let storage: ArrayStorage
        if let loan = elements.loan, elements.isInNativeForm {
            storage = ArrayStorage(elements.bytes, in: loan)
        } else {
            storage = ArrayStorage(copying: elements.bytes)
            elements.normalise(storage.bytes)
        }
        self.init(dtype: DType(elements.type), shape: shape, storage: storage)
    }

    /// The number of elements.
    public var count: Int { storage.bytes.count / dtype.size }

    /// Calls `body` with the memory of the elements.
    public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(storage) { try body(UnsafeRawBufferPointer(storage.bytes)) }
    }

    /// The array with a static element type; nil if the dtype is another one.
    public func `as`<Scalar: NDArrayScalar>(_ scalar: Scalar.Type) -> NDArray<Scalar>? {
        Scalar.dtype == dtype ? NDArray(self) : nil
    }
}

extension AnyNDArray: Hashable {
    /// Whether dtype, shape and elements are equal. NaN is equal to nothing.
    public static func == (left: AnyNDArray, right: AnyNDArray) -> Bool {
        func areEqual<Scalar: NDArrayScalar>(_: Scalar.Type) -> Bool {
            NDArray<Scalar>(left) == NDArray<Scalar>(right)
        }
        return left.dtype == right.dtype && areEqual(left.dtype.scalarType)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(dtype)
        hasher.combine(shape)
    }
}

extension AnyNDArray: CustomStringConvertible {
    /// As numpy's `repr`, without line breaks: "array([[1.0, 2.0], [3.0, 4.0]])".
    public var description: String {
        let isUsual = [.float64, .int64, .bool, .complex128].contains(dtype)
        let elements = NestedDescription.of(shape: shape, elements: elementDescriptions)
        return "array(" + elements + (isUsual ? ")" : ", dtype=\(dtype))")
    }

    var elementDescriptions: [String] {
        func describe<Scalar: NDArrayScalar>(_: Scalar.Type) -> [String] {
            NDArray<Scalar>(self).scalars.map { PythonRepresentation.of(element: $0) }
        }
        return describe(dtype.scalarType)
    }
}

extension AnyNDArray {
    /// The elements as Python values, in row-major order.
    public var elementValues: [PythonValue] {
        withUnsafeBytes { bytes in
            let elements = Elements(type: dtype.element, isBigEndian: false, bytes: bytes)
            return (0..<count).map { PythonValue(elements.number(at: $0)) }
        }
    }
}

extension DType {
    /// The Swift type of an element.
    var scalarType: any NDArrayScalar.Type {
        switch self {
        case .bool: Bool.self
        case .int8: Int8.self
        case .int16: Int16.self
        case .int32: Int32.self
        case .int64: Int64.self
        case .uint8: UInt8.self
        case .uint16: UInt16.self
        case .uint32: UInt32.self
        case .uint64: UInt64.self
        case .float16: halfType
        case .float32: Float.self
        case .float64: Double.self
        case .complex64: Complex<Float>.self
        case .complex128: Complex<Double>.self
        }
    }
}

#if !(os(macOS) && arch(x86_64))
    private let halfType: any NDArrayScalar.Type = Float16.self
#else
    // Swift has no Float16 there; the bits are compared and shown.
    private let halfType: any NDArrayScalar.Type = UInt16.self
#endif

extension PythonRepresentation {
    static func of(element: some NDArrayScalar) -> String {
        switch element {
        case let value as Double: of(value)
        case let value as Bool: value ? "True" : "False"
        case let value as Complex<Double>: of(value)
        case let value as Complex<Float>:
            of(Complex(Double(value.real), Double(value.imaginary)))
        default: "\(element)"
        }
    }
}
