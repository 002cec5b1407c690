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
    init(from reader: inout PythonReader) throws {
        let start = reader.cbor.offset
        try reader.cbor.deepen()
        let content = try PythonValue(from: &reader)
        reader.cbor.leave()
        do {
            let parts = try content.items(3)
            let dtype = try DType(content: parts[0])
            let shape = try parts[1].items().map { try $0.number() }
            let elements = try parts[2].anyArray()
            // Arrays of numbers have a form of their own, which is checked for what they need.
            guard dtype.element == nil, elements.dtype == .uint8,
                try Self.byteCount(of: shape, elementSize: dtype.size) == elements.count
            else { throw ContentMismatch() }
            array = AnyNDArray(dtype: dtype, shape: shape, storage: elements.storage)
        } catch is ContentMismatch {
            throw WireError.malformed("an array that is not what its dtype says", offset: start)
        }
    }

    private static let maximumDimensions = 64
    private static let maximumSizelessElements = 1 << 20

    /// The size of all elements, for a shape of which neither counts nor strides overflow.
    static func byteCount(of shape: [Int], elementSize: Int) throws -> Int {
        var (count, extent, overflow) = (elementSize, max(elementSize, 1), false)
        for length in shape {
            guard length >= 0 else { throw ContentMismatch() }
            (extent, overflow) = extent.multipliedReportingOverflow(by: max(length, 1))
            guard !overflow else { throw ContentMismatch() }
            count = length == 0 ? 0 : count * length
        }
        guard shape.count <= maximumDimensions,
            elementSize > 0 || extent <= maximumSizelessElements
        else { throw ContentMismatch() }
        return count
    }
}
