/// A multi-dimensional array of numbers, as numpy has it, with value semantics.
///
/// ```swift
/// let a = NDArray(shape: [2, 3], [1.0, 2, 3, 4, 5, 6])
/// a[1, 2]      // 6.0
/// ```
///
/// The elements are in row-major ("C") order. Sent to Python it arrives as a numpy array of the dtype
/// `Scalar.dtype`; a numpy array of that dtype arrives as one.
public struct NDArray<Scalar: NDArrayScalar>: Sendable {
    /// The length of each dimension; empty for an array of one element without dimensions.
    public let shape: [Int]
    private var storage: ArrayStorage

    /// Creates a one-dimensional array.
    public init(_ scalars: [Scalar]) {
        self.init(shape: [scalars.count], scalars)
    }

    /// Creates an array from its elements in row-major order.
    ///
    /// - Precondition: the product of `shape` is the number of elements.
    public init(shape: [Int], _ scalars: [Scalar]) {
        precondition(
            shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == scalars.count,
            "shape \(shape) does not hold \(scalars.count) elements")
        self.shape = shape
        self.storage = scalars.withUnsafeBytes { ArrayStorage(copying: $0) }
    }

    /// Creates a two-dimensional array from its rows.
    ///
    /// - Precondition: the rows have the same length.
    public init(_ rows: [[Scalar]]) {
        precondition(
            rows.allSatisfy { $0.count == rows[0].count }, "the rows have different lengths")
        self.init(shape: [rows.count, rows.first?.count ?? 0], Array(rows.joined()))
    }

    /// Creates a three-dimensional array from nested arrays.
    ///
    /// - Precondition: the arrays of one level have the same length.
    public init(_ planes: [[[Scalar]]]) {
        let rows = planes.flatMap { $0 }
        precondition(
            planes.allSatisfy { $0.count == planes[0].count }
                && rows.allSatisfy { $0.count == rows[0].count },
            "the rows have different lengths")
        self.init(
            shape: [planes.count, planes.first?.count ?? 0, rows.first?.count ?? 0],
            Array(rows.joined()))
    }

    /// Creates an array with every element equal to `value`.
    public init(repeating value: Scalar, shape: [Int]) {
        self.init(shape: shape, Array(repeating: value, count: shape.reduce(1, *)))
    }

    /// An array of zeros, or of `false`.
    public static func zeros(shape: [Int]) -> NDArray {
        precondition(shape.allSatisfy { $0 >= 0 }, "a dimension of \(shape) is negative")
        // SAFETY: numbers and Booleans whose bytes are zero are zero.
        return NDArray(shape: shape) {
            UnsafeMutableRawBufferPointer($0).initializeMemory(as: UInt8.self, repeating: 0)
        }
    }

    /// The elements of an array whose dtype is that of `Scalar`.
    init(_ array: AnyNDArray) {
        shape = array.shape
        storage = array.storage
    }

    /// Creates an array whose elements are written into new memory.
    ///
    /// - Parameter body: initialises every element.
    init(shape: [Int], initialisedBy body: (UnsafeMutableBufferPointer<Scalar>) -> Void) {
        self.shape = shape
        storage = ArrayStorage(byteCount: shape.reduce(MemoryLayout<Scalar>.stride, *))
        body(storage.bytes.bindMemory(to: Scalar.self))
    }

    /// The array without its static element type.
    public var erased: AnyNDArray {
        AnyNDArray(dtype: Scalar.dtype, shape: shape, storage: storage)
    }

    /// The number of elements.
    public var count: Int { storage.bytes.count / MemoryLayout<Scalar>.stride }

    /// The distance between neighbours along each dimension, in elements.
    public var strides: [Int] { Self.strides(of: shape) }

    static func strides(of shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1] * shape[axis + 1]
        }
        return strides
    }

    /// The elements in row-major order.
    public var scalars: [Scalar] { withUnsafeBufferPointer { Array($0) } }

    /// The element at a position, one index for each dimension, each counted from 0.
    public subscript(_ indices: Int...) -> Scalar {
        get { withUnsafeBufferPointer { $0[Self.offset(of: indices, shape)] } }
        set {
            let offset = Self.offset(of: indices, shape)
            withUnsafeMutableBufferPointer { $0[offset] = newValue }
        }
    }

    /// Calls `body` with the memory of the elements, in row-major order.
    public func withUnsafeBufferPointer<Result>(
        _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result {
        // SAFETY: the storage is aligned for every scalar and holds whole ones.
        try withExtendedLifetime(storage) {
            try body(UnsafeBufferPointer(storage.bytes.assumingMemoryBound(to: Scalar.self)))
        }
    }

    /// Calls `body` with the memory of the elements, which it may change.
    public mutating func withUnsafeMutableBufferPointer<Result>(
        _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result {
        if !isKnownUniquelyReferenced(&storage) {
            storage = ArrayStorage(copying: UnsafeRawBufferPointer(storage.bytes))
        }
        return try withExtendedLifetime(storage) {
            try body(storage.bytes.assumingMemoryBound(to: Scalar.self))
        }
    }

    /// The position of an element in memory.
    static func offset(of indices: [Int], _ shape: [Int]) -> Int {
        precondition(
            indices.count == shape.count,
            "an array of \(shape.count) dimensions has \(shape.count) indices, not \(indices.count)"
        )
        return zip(indices, zip(shape, strides(of: shape))).reduce(0) { offset, element in
            let (index, (length, stride)) = element
            precondition(
                (0..<length).contains(index), "index \(index) is outside of 0..<\(length)")
            return offset + index * stride
        }
    }
}

extension NDArray: Hashable {
    /// Whether shape and elements are equal. NaN is equal to nothing.
    public static func == (left: NDArray, right: NDArray) -> Bool {
        left.shape == right.shape
            && left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { left.elementsEqual($0) }
            }
    }

    public func hash(into hasher: inout Hasher) {
        erased.hash(into: &hasher)
    }
}

extension NDArray: CustomStringConvertible, CustomDebugStringConvertible {
    /// As numpy's `str`: "[1. 2.]".
    public var description: String { erased.description }

    /// As numpy's `repr`: "array([1., 2.])".
    public var debugDescription: String { erased.debugDescription }
}

extension NDArray: Sequence {
    /// The elements in row-major order.
    public func makeIterator() -> IndexingIterator<[Scalar]> { scalars.makeIterator() }

    public var underestimatedCount: Int { count }
}

extension NDArray: ExpressibleByArrayLiteral {
    /// A one-dimensional array.
    public init(arrayLiteral elements: Scalar...) { self.init(elements) }
}
