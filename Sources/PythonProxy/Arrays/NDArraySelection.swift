/// What can stand in the brackets of an array for one dimension: an index, a range of indices, or
/// ``NDArraySlice`` for all of them or every so many.
public protocol NDArraySelection {
    /// The indices that are selected of a dimension.
    ///
    /// - Precondition: they are within the dimension.
    func slice(of length: Int) -> NDArraySlice
}

/// Indices of one dimension: from a first one in equal steps.
public struct NDArraySlice: NDArraySelection, Sendable, Hashable {
    var start: Int
    var count: Int
    var step: Int
    /// Whether the dimension goes away, as it does for an index.
    var isIndex = false

    public func slice(of length: Int) -> NDArraySlice {
        guard count < 0 else {
            let last = start + (count - 1) * step
            precondition(
                count == 0 || (start >= 0 && last < length),
                "indices \(start) to \(last) are outside of 0..<\(length)")
            return self
        }
        return NDArraySlice(start: step < 0 ? length - 1 : 0, count: length, step: step)
    }
}

extension NDArraySelection where Self == NDArraySlice {
    /// All indices of a dimension: `a[.all, 0]`.
    public static var all: NDArraySlice { NDArraySlice(start: 0, count: -1, step: 1) }

    /// All indices of a dimension in reverse order.
    public static var reversed: NDArraySlice { NDArraySlice(start: -1, count: -1, step: -1) }

    /// Every so many of a range of indices.
    ///
    /// - Precondition: `step` is positive.
    public static func every(_ step: Int, of range: Range<Int>) -> NDArraySlice {
        precondition(step > 0, "the step \(step) is not positive")
        return NDArraySlice(
            start: range.lowerBound, count: (range.count + step - 1) / step, step: step)
    }
}

extension Int: NDArraySelection {
    public func slice(of length: Int) -> NDArraySlice {
        precondition((0..<length).contains(self), "index \(self) is outside of 0..<\(length)")
        return NDArraySlice(start: self, count: 1, step: 1, isIndex: true)
    }
}

extension NDArraySelection where Self: RangeExpression, Self.Bound == Int {
    public func slice(of length: Int) -> NDArraySlice {
        let range = relative(to: 0..<length)
        precondition(
            range.lowerBound >= 0 && range.upperBound <= length,
            "indices \(range) are outside of 0..<\(length)")
        return NDArraySlice(start: range.lowerBound, count: range.count, step: 1)
    }
}

extension Range: NDArraySelection where Bound == Int {}
extension ClosedRange: NDArraySelection where Bound == Int {}
extension PartialRangeFrom: NDArraySelection where Bound == Int {}
extension PartialRangeUpTo: NDArraySelection where Bound == Int {}
extension PartialRangeThrough: NDArraySelection where Bound == Int {}
