import ProxyWire

/// A matrix or array of scipy.sparse, in one of the formats CSR, CSC and COO.
public struct SparseArray: Sendable, Hashable {
    /// How the elements are stored.
    public enum Format: Sendable, Hashable {
        /// Compressed rows: data, the column of each, and where each row begins.
        case csr(data: AnyNDArray, indices: AnyNDArray, starts: AnyNDArray)
        /// Compressed columns: data, the row of each, and where each column begins.
        case csc(data: AnyNDArray, indices: AnyNDArray, starts: AnyNDArray)
        /// Data, and for each dimension the index of each.
        case coo(data: AnyNDArray, coordinates: [AnyNDArray])
    }

    public var format: Format
    public var shape: [Int]
    /// Whether it is one of scipy's older matrix classes (csr_matrix) instead of an array (csr_array).
    public var isMatrix: Bool

    public init(_ format: Format, shape: [Int], isMatrix: Bool = false) {
        self.format = format
        self.shape = shape
        self.isMatrix = isMatrix
    }

    /// The elements that are stored; others are zero.
    public var data: AnyNDArray {
        switch format {
        case .csr(let data, _, _), .csc(let data, _, _), .coo(let data, _): data
        }
    }
}

extension SparseArray: TaggedValue {
    static var tags: [UInt64] { [CBORTag.sparseArray] }

    var tagged: (tag: UInt64, content: PythonValue) {
        let (name, parts): (String, [AnyNDArray]) =
            switch format {
            case .csr(let data, let indices, let starts): ("csr", [data, indices, starts])
            case .csc(let data, let indices, let starts): ("csc", [data, indices, starts])
            case .coo(let data, let coordinates): ("coo", [data] + coordinates)
            }
        return (
            CBORTag.sparseArray,
            [
                .string(name + (isMatrix ? "_matrix" : "_array")),
                .list(shape.map { .int($0) }), .list(parts.map { .array($0) }),
            ]
        )
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(3)
        let name = try parts[0].text()
        shape = try parts[1].items().map { try $0.number() }
        isMatrix = name.hasSuffix("_matrix")
        let arrays = try parts[2].items().map { try $0.anyArray() }
        switch (name.prefix(3), arrays.count) {
        case ("csr", 3): format = .csr(data: arrays[0], indices: arrays[1], starts: arrays[2])
        case ("csc", 3): format = .csc(data: arrays[0], indices: arrays[1], starts: arrays[2])
        case ("coo", 1...): format = .coo(data: arrays[0], coordinates: Array(arrays.dropFirst()))
        default: throw ContentMismatch()
        }
    }
}
