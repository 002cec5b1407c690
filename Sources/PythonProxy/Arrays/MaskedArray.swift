import ProxyWire

/// A numpy masked array. Asked for as an `Array` of optionals it has nil for what is masked.
public struct MaskedArray: Sendable, Hashable {
    /// All elements, also those that are masked.
    public var data: AnyNDArray
    /// True where an element is masked, of the shape of the data; nil if none is.
    public var mask: AnyNDArray?
    /// What stands for masked elements when they have to be shown: one element of the data's dtype.
    public var fillValue: AnyNDArray?
    /// Whether assigning an element leaves the mask as it is.
    public var isMaskHard: Bool

    public init(
        data: AnyNDArray, mask: AnyNDArray?, fillValue: AnyNDArray? = nil,
        isMaskHard: Bool = false
    ) {
        self.data = data
        self.mask = mask
        self.fillValue = fillValue
        self.isMaskHard = isMaskHard
    }

    /// The elements in nested lists, with None for those that are masked.
    var nestedValue: PythonValue {
        guard let mask else { return data.nestedValue }
        func masked(_ value: PythonValue, _ mask: PythonValue) -> PythonValue {
            if case (.list(let values), .list(let masks)) = (value, mask) {
                return .list(zip(values, masks).map { masked($0, $1) })
            }
            return mask == true ? .none : value
        }
        return masked(data.nestedValue, mask.nestedValue)
    }
}

extension MaskedArray: TaggedValue {
    static var tags: [UInt64] { [CBORTag.maskedArray] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (
            CBORTag.maskedArray,
            [
                .array(data), mask.map { .array($0) } ?? .none,
                fillValue.map { .array($0) } ?? .none, .bool(isMaskHard),
            ]
        )
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(4)
        data = try parts[0].anyArray()
        mask = parts[1] == .none ? nil : try parts[1].anyArray()
        fillValue = parts[2] == .none ? nil : try parts[2].anyArray()
        isMaskHard = try parts[3].flag()
        if let mask, mask.shape != data.shape { throw ContentMismatch() }
    }
}
