/// The dtype of records: fields at fixed places of each element.
public struct StructuredDType: Sendable, Hashable {
    public struct Field: Sendable, Hashable {
        public var name: String
        /// In bytes from the start of the element.
        public var offset: Int
        public var dtype: DType
        /// Empty, unless each element holds an array in this field.
        public var shape: [Int]

        public init(name: String, offset: Int, dtype: DType, shape: [Int] = []) {
            self.name = name
            self.offset = offset
            self.dtype = dtype
            self.shape = shape
        }
    }

    /// The size of one element in bytes, with padding.
    public var itemSize: Int
    public var fields: [Field]

    public init(itemSize: Int, fields: [Field]) {
        self.itemSize = itemSize
        self.fields = fields
    }
}

extension StructuredDType: CustomStringConvertible {
    /// The names and dtypes of the fields.
    public var description: String {
        let fields = fields.map { field in
            "(\(PythonRepresentation.of(field.name)), '\(field.dtype)'"
                + (field.shape.isEmpty ? ")" : ", \(field.shape))")
        }
        return "[" + fields.joined(separator: ", ") + "]"
    }
}

extension StructuredDType {
    /// [item size, [[name, offset, dtype or [dtype, shape]], …]].
    var content: PythonValue {
        [
            .int(itemSize),
            .list(
                fields.map { field in
                    let type = field.dtype.content
                    return [
                        .string(field.name), .int(field.offset),
                        field.shape.isEmpty
                            ? type : [type, .list(field.shape.map { .int($0) })],
                    ]
                }),
        ]
    }

    init(content: PythonValue) throws {
        let parts = try content.items(2)
        itemSize = try parts[0].number()
        fields = try parts[1].items().map { try Self.field($0) }
        // Reading an element must stay inside of it.
        let areInside = try fields.allSatisfy { field in
            let size = try OtherArray.byteCount(of: field.shape, elementSize: field.dtype.size)
            let (end, overflow) = field.offset.addingReportingOverflow(size)
            return !overflow && field.offset >= 0 && end <= itemSize
        }
        guard itemSize >= 0, areInside else { throw ContentMismatch() }
    }

    private static func field(_ content: PythonValue) throws -> Field {
        let parts = try content.items(3)
        var (type, shape) = (parts[2], [Int]())
        // A dtype that is a list begins with a number; one with a shape does not.
        if case .list(let pair) = type, pair.count == 2, (try? pair[0].number()) == nil {
            type = pair[0]
            shape = try pair[1].items().map { try $0.number() }
        }
        return Field(
            name: try parts[0].text(), offset: try parts[1].number(),
            dtype: try DType(content: type), shape: shape)
    }
}
