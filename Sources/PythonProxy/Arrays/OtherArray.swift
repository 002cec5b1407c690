import ProxyWire

/// How arrays and scalars travel whose elements are no numbers: [dtype, shape, elements of uint8].
struct OtherArray {
    let array: AnyNDArray

    var content: PythonValue {
        [
            array.dtype.content, .list(array.shape.map { .int($0) }),
            .array(AnyNDArray(dtype: .uint8, shape: [array.byteCount], storage: array.storage)),
        ]
    }

    init(_ array: AnyNDArray) {
        self.array = array
    }

    /// The array as a numpy scalar, which has no dimensions.
    func scalar() throws -> AnyNDArray {
        guard array.shape.isEmpty else {
            throw WireError.malformed("a numpy scalar with dimensions", offset: 0)
        }
        return array
    }

    /// Reads the content of a tag that was just read.
    init(from cbor: inout CBORReader) throws {
        let start = cbor.offset
        try cbor.deepen()
        let content = try PythonValue(from: &cbor)
        cbor.leave()
        do {
            let parts = try content.items(3)
            let dtype = try DType(content: parts[0])
            let shape = try parts[1].items().map { try $0.number() }
            let elements = try parts[2].anyArray()
            let byteCount = shape.reduce((dtype.size, false)) { size, length in
                let (product, overflow) = size.0.multipliedReportingOverflow(by: length)
                return (product, size.1 || overflow || length < 0)
            }
            // Neither strides nor counts may overflow, whatever the bytes are.
            let extent = shape.reduce(1) { $0.multipliedReportingOverflow(by: max($1, 1)).0 }
            let isOverflowing =
                shape.reduce((1, false)) { size, length in
                    let (product, overflow) = size.0.multipliedReportingOverflow(by: max(length, 1))
                    return (product, size.1 || overflow)
                }.1
            guard elements.dtype == .uint8, !byteCount.1, byteCount.0 == elements.count,
                !isOverflowing, dtype.size > 0 || extent <= 1 << 20
            else { throw ContentMismatch() }
            array = AnyNDArray(dtype: dtype, shape: shape, storage: elements.storage)
        } catch is ContentMismatch {
            throw WireError.malformed("an array with the content \(content)", offset: start)
        }
    }
}
