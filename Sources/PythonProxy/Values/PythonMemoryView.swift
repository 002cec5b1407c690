import ProxyWire

/// A Python memoryview, with a copy of the memory.
public struct PythonMemoryView: Sendable, Hashable {
    public var isReadOnly: Bool
    /// One item in the syntax of Python's `struct` module: "B", "d".
    public var format: String
    /// The length of each dimension.
    public var shape: [Int]
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8], isReadOnly: Bool = true) {
        self.isReadOnly = isReadOnly
        self.format = "B"
        self.shape = [bytes.count]
        self.bytes = bytes
    }
}

extension PythonMemoryView: TaggedValue {
    static var tags: [UInt64] { [CBORTag.memoryview] }
    static var plainForm: PythonTaggedValue.PlainForm { .item(3) }

    var tagged: (tag: UInt64, content: PythonValue) {
        (
            CBORTag.memoryview,
            [
                .bool(isReadOnly), .string(format), .list(shape.map { .int($0) }), .bytes(bytes),
            ]
        )
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(4)
        isReadOnly = try parts[0].flag()
        format = try parts[1].text()
        shape = try parts[2].items().map { try $0.number() }
        bytes = try parts[3].byteString()
    }
}
