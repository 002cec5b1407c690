import ProxyTransport

extension NDArray where Scalar: SharedScalar {
    /// An array of zeros whose memory servers see, too: what Python writes to it appears here, and the other
    /// way round.
    ///
    /// ```swift
    /// let state = try NDArray<Double>.shared(shape: [1000, 3])
    /// try await simulation.advance(state, 0.1)      // writes into its argument
    /// state[0, 2]                                   // the new value
    /// ```
    ///
    /// Unlike other arrays, copies of it are the same memory, and assigning an element of one changes all. It
    /// is passed without a copy, whatever its size. Nothing keeps two sides from writing at the same time:
    /// leave it alone while a call uses it. The memory lasts until neither side uses it.
    ///
    /// - Precondition: no dimension is negative.
    /// - Throws: ``ProxyError/outOfMemory(_:)`` if the system has no memory or descriptors left.
    public static func shared(shape: [Int]) throws -> NDArray {
        let (length, overflow) = shape.reduce((MemoryLayout<Scalar>.stride, false)) {
            length, next in
            precondition(next >= 0, "a dimension of shape \(shape) is negative")
            let (product, overflow) = length.0.multipliedReportingOverflow(by: next)
            return (product, length.1 || overflow)
        }
        guard !overflow else {
            throw ProxyError.outOfMemory("an array of shape \(shape) is larger than any memory")
        }
        do throws(SystemError) {
            let region = try SharedRegion(length: length)
            return NDArray(
                AnyNDArray(
                    dtype: Scalar.dtype, shape: shape,
                    storage: ArrayStorage(region, byteCount: length)))
        } catch {
            throw ProxyError.outOfMemory(
                "an array of shape \(shape) cannot be shared: \(error); release other arrays")
        }
    }
}
