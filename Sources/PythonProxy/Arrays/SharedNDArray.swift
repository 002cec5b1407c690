import ProxyTransport

/// An array in memory that this process and servers see at the same time: what Python writes to it appears here, and
/// the other way round.
///
/// ```swift
/// let state = try SharedNDArray<Double>(shape: [1000, 3])
/// try await simulation.advance(state, 0.1)      // writes into its argument
/// state[0, 2]                                   // the new value
/// ```
///
/// It is a reference: two names for one are one memory. It is passed without a copy, whatever its size. The memory
/// begins on a page and fills whole pages, so that a graphics API can take it without a copy. It lasts until neither
/// side uses it.
///
/// SAFETY (`@unchecked Sendable`): the address never changes. Nothing keeps two threads, or the two sides, from
/// writing at the same time: leave the array alone while a call uses it, and take turns among tasks.
public final class SharedNDArray<Scalar: SharedScalar>: @unchecked Sendable {
    /// The length of each dimension.
    public let shape: [Int]
    private let storage: ArrayStorage

    /// Creates an array of zeros.
    ///
    /// - Precondition: no dimension is negative.
    /// - Throws: ``ProxyError/outOfMemory(_:)`` if the system has no memory or descriptors left.
    public init(shape: [Int]) throws {
        let (length, overflow) = shape.reduce((MemoryLayout<Scalar>.stride, false)) {
            length, next in
            precondition(next >= 0, "a dimension of shape \(shape) is negative")
            let (product, overflow) = length.0.multipliedReportingOverflow(by: next)
            return (product, length.1 || overflow)
        }
        guard !overflow else {
            throw ProxyError.outOfMemory("an array of shape \(shape) is larger than any memory")
        }
        self.shape = shape
        do throws(SystemError) {
            storage = ArrayStorage(try SharedRegion(length: length), byteCount: length)
        } catch {
            throw ProxyError.outOfMemory(
                "an array of shape \(shape) cannot be shared: \(error); release other arrays")
        }
    }

    /// Creates an array with the elements of another one.
    ///
    /// - Throws: ``ProxyError/outOfMemory(_:)`` if the system has no memory or descriptors left.
    public convenience init(_ array: NDArray<Scalar>) throws {
        try self.init(shape: array.shape)
        array.withUnsafeBufferPointer { source in
            storage.bytes.copyMemory(from: UnsafeRawBufferPointer(source))
        }
    }

    /// The elements as they are now.
    public var copy: NDArray<Scalar> {
        NDArray(
            AnyNDArray(
                dtype: Scalar.dtype, shape: shape,
                storage: ArrayStorage(copying: UnsafeRawBufferPointer(storage.bytes))))
    }

    /// The elements as they are now, in row-major order.
    public var scalars: [Scalar] { withUnsafeMutableBufferPointer { Array($0) } }

    /// The number of elements.
    public var count: Int { storage.bytes.count / MemoryLayout<Scalar>.stride }

    /// The distance between neighbours along each dimension, in elements.
    public var strides: [Int] { NDArray<Scalar>.strides(of: shape) }

    /// The element at a position, one index for each dimension, each counted from 0.
    public subscript(_ indices: Int...) -> Scalar {
        get { withUnsafeMutableBufferPointer { $0[NDArray<Scalar>.offset(of: indices, shape)] } }
        set {
            withUnsafeMutableBufferPointer { elements in
                elements[NDArray<Scalar>.offset(of: indices, shape)] = newValue
            }
        }
    }

    /// Calls `body` with the memory of the elements, in row-major order.
    public func withUnsafeMutableBufferPointer<Result>(
        _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result {
        // SAFETY: the storage is aligned for every scalar and holds whole ones.
        try withExtendedLifetime(storage) {
            try body(storage.bytes.assumingMemoryBound(to: Scalar.self))
        }
    }

    /// Calls `body` with the whole memory: whole pages, of which the elements are the beginning.
    public func withUnsafePages<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(storage) {
            try body(storage.region?.memory.bytes ?? storage.bytes)
        }
    }

    fileprivate var erased: AnyNDArray {
        AnyNDArray(dtype: Scalar.dtype, shape: shape, storage: storage)
    }
}

extension SharedNDArray: PythonEncodable, Encodable {
    /// Writes a numpy array of this memory.
    func encode(into writer: inout PythonWriter) throws { try erased.encode(into: &writer) }

    /// For encoders other than this package's: as the array of the same elements.
    public func encode(to encoder: any Encoder) throws { try erased.encode(to: encoder) }
}

extension SharedNDArray: CustomStringConvertible {
    /// As numpy's `str`.
    public var description: String { erased.description }
}
