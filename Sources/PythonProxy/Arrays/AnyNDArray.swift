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
            storage = .using(elements.bytes, in: loan)
        } else {
            storage = ArrayStorage(copying: elements.bytes)
            elements.normalise(storage.bytes)
        }
        self.init(dtype: DType(elements.type), shape: shape, storage: storage)
    }

    /// The number of elements.
    public var count: Int {
        // Elements may have no size, as the dtype "S0".
        dtype.size == 0 ? shape.reduce(1, *) : storage.bytes.count / dtype.size
    }

    /// The size of all elements together.
    public var byteCount: Int { storage.bytes.count }

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
    /// Whether dtype, shape and elements are equal. NaN is equal to nothing; NaT is equal to NaT.
    public static func == (left: AnyNDArray, right: AnyNDArray) -> Bool {
        func areEqual<Scalar: NDArrayScalar>(_: Scalar.Type) -> Bool {
            NDArray<Scalar>(left) == NDArray<Scalar>(right)
        }
        guard left.dtype == right.dtype else { return false }
        if let type = left.dtype.scalarType { return areEqual(type) }
        guard left.shape == right.shape else { return false }
        // What fills up records means nothing.
        if case .structured = left.dtype { return left.elementValues == right.elementValues }
        return left.withUnsafeBytes { left in right.withUnsafeBytes { left.elementsEqual($0) } }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(dtype)
        hasher.combine(shape)
    }
}

extension AnyNDArray: CustomStringConvertible, CustomDebugStringConvertible {
    /// As numpy's `str`: "[1. 2.]".
    public var description: String { ArrayDescription.text(of: self) }

    /// As numpy's `repr`: "array([1., 2.])".
    public var debugDescription: String {
        let isUsual = [.float64, .int64, .bool, .complex128].contains(dtype)
        let isQuoted =
            switch dtype {
            case .datetime64, .timedelta64, .bytes, .str, .void: true
            default: false
            }
        let name = isQuoted ? "'\(dtype)'" : "\(dtype)"
        // The dtype says what elements there would be.
        return ArrayDescription.representation(
            of: self, suffix: isUsual && count > 0 ? nil : name)
    }

    var elementDescriptions: [String] {
        func describe<Scalar: NDArrayScalar>(_: Scalar.Type) -> [String] {
            NDArray<Scalar>(self).scalars.map { PythonRepresentation.of(element: $0) }
        }
        if let type = dtype.scalarType { return describe(type) }
        switch dtype {
        case .datetime64, .timedelta64: return stepDescriptions(at: Array(0..<count))
        default: return elementValues.map(\.debugDescription)
        }
    }

    /// One time or duration.
    init(_ dtype: DType, steps: Int64) {
        self.init(
            dtype: dtype, shape: [],
            storage: Swift.withUnsafeBytes(of: steps) { ArrayStorage(copying: $0) })
    }

    /// An element of a datetime64 or timedelta64 array as it is stored.
    func step(at position: Int) -> Int64 {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position * 8, as: Int64.self) }
    }

    /// Elements of a datetime64 or timedelta64 array as text.
    func stepDescriptions(at positions: [Int]) -> [String] {
        let steps = steps
        guard case .datetime64(let unit) = dtype else {
            return positions.map { steps[$0] == .min ? "'NaT'" : "\(steps[$0])" }
        }
        return positions.map { unit.text(of: steps[$0]) }
    }

    /// The elements of a datetime64 or timedelta64 array as they are stored: steps of its unit.
    var steps: [Int64] {
        (0..<count).map(step)
    }
}

extension AnyNDArray {
    /// The part of the array at an index of its first dimension: an array, or, of one dimension, the element.
    ///
    /// - Precondition: the index is within the dimension.
    func item(_ index: Int) -> PythonValue {
        let shape = Array(shape.dropFirst())
        guard !shape.isEmpty else { return values(at: CollectionOfOne(index)).first ?? .none }
        let size = self.shape[0] == 0 ? 0 : byteCount / self.shape[0]
        return withUnsafeBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size])
            return .array(
                AnyNDArray(dtype: dtype, shape: shape, storage: ArrayStorage(copying: part)))
        }
    }
}

extension DType {
    /// numpy's name of the class of an element.
    var scalarName: String {
        switch self {
        case .datetime64: "datetime64"
        case .timedelta64: "timedelta64"
        case .bytes: "bytes_"
        case .str: "str_"
        case .void, .structured: "void"
        case .bool: "bool_"
        default: description
        }
    }

    /// The Swift type of an element; nil if it is no number.
    var scalarType: (any NDArrayScalar.Type)? {
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
        case .datetime64, .timedelta64, .bytes, .str, .void, .structured: nil
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
            of(Complex(Double(value.rawStorage.x), Double(value.rawStorage.y)))
        default: "\(element)"
        }
    }
}
