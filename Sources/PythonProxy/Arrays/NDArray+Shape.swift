extension NDArray {
    /// Part of the array, as an array of its own.
    ///
    /// ```swift
    /// a[1, 0...]            // the second row
    /// a[0..<2, 1]           // of the first two rows the second element
    /// a[.all, .every(2, of: 0..<6)]
    /// ```
    ///
    /// Dimensions that are not given are taken whole. An index removes its dimension. An assigned array must have the
    /// selection's shape.
    ///
    /// - Precondition: there are no more selections than dimensions, and all are within them.
    @_disfavoredOverload
    public subscript(_ selections: any NDArraySelection...) -> NDArray {
        get { copied(slices(selections)) }
        set {
            let slices = slices(selections)
            precondition(
                newValue.shape == Self.shape(of: slices),
                "an array of shape \(newValue.shape) does not fit in \(Self.shape(of: slices))")
            let strides = strides
            newValue.withUnsafeBufferPointer { source in
                withUnsafeMutableBufferPointer { destination in
                    Self.visit(slices, strides) { position, index in
                        destination[index] = source[position]
                    }
                }
            }
        }
    }

    /// The part of the array at a position of its first dimension: a row of a matrix, `a[index, 0...]`.
    ///
    /// - Precondition: the array has a dimension, and the position is within it.
    public func row(_ index: Int) -> NDArray { copied(slices([index])) }

    /// The same elements in another shape, without a copy.
    ///
    /// - Parameter shape: one dimension may be -1: as long as is left for it.
    /// - Precondition: the number of elements stays the same.
    public func reshaped(to shape: [Int]) -> NDArray {
        let known = shape.filter { $0 != -1 }.reduce(1, *)
        let unknown = shape.count { $0 == -1 }
        let resolved = shape.map { $0 == -1 && known > 0 ? count / known : $0 }
        precondition(
            unknown <= 1 && resolved.allSatisfy { $0 >= 0 } && resolved.reduce(1, *) == count,
            "\(count) elements do not fill the shape \(shape)")
        return NDArray(AnyNDArray(dtype: Scalar.dtype, shape: resolved, storage: erased.storage))
    }

    /// The array with its dimensions in another order; without one, in reverse order.
    ///
    /// - Precondition: `axes` names every dimension once.
    public func transposed(_ axes: [Int]? = nil) -> NDArray {
        let axes = axes ?? shape.indices.reversed()
        precondition(
            axes.sorted() == Array(shape.indices),
            "\(axes) does not name each of \(shape.count) dimensions once")
        let strides = strides
        let slices = axes.map { NDArraySlice(start: 0, count: shape[$0], step: 1) }
        return copied(slices, strides: axes.map { strides[$0] })
    }

    /// Converts the array to nested Swift arrays, with one level for each dimension.
    ///
    /// ```swift
    /// let rows = try a.converted(to: [[Double]].self)
    /// ```
    ///
    /// - Throws: `ProxyError.conversion` if the type has another number of levels, or its numbers would lose
    ///   something.
    public func converted<Value: Decodable>(to type: Value.Type) throws -> Value {
        try PythonValue.array(erased).as(type)
    }

    private func slices(_ selections: [any NDArraySelection]) -> [NDArraySlice] {
        precondition(
            selections.count <= shape.count,
            "too many selections: \(selections.count) for an array of \(shape.count) dimensions")
        return shape.enumerated().map { axis, length in
            axis < selections.count
                ? selections[axis].slice(of: length) : NDArraySlice.all.slice(of: length)
        }
    }

    private static func shape(of slices: [NDArraySlice]) -> [Int] {
        slices.filter { !$0.isIndex }.map(\.count)
    }

    private func copied(_ slices: [NDArraySlice], strides: [Int]? = nil) -> NDArray {
        withUnsafeBufferPointer { source in
            NDArray(shape: Self.shape(of: slices)) { destination in
                guard let start = destination.baseAddress else { return }
                Self.visit(slices, strides ?? self.strides) { position, index in
                    (start + position).initialize(to: source[index])
                }
            }
        }
    }

    /// Calls `body` with the position in the selection and the index in memory of each selected element.
    private static func visit(
        _ slices: [NDArraySlice], _ strides: [Int], _ body: (Int, Int) -> Void
    ) {
        var position = 0
        func visit(_ axis: Int, _ index: Int) {
            guard axis < slices.count else {
                body(position, index)
                position += 1
                return
            }
            let slice = slices[axis]
            for item in 0..<slice.count {
                visit(axis + 1, index + (slice.start + item * slice.step) * strides[axis])
            }
        }
        visit(0, 0)
    }
}
