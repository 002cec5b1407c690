import ProxyWire

/// A Python `pathlib.Path`.
public struct PythonPath: Sendable, Hashable {
    /// The name as the system has it.
    public var bytes: [UInt8]

    public init(_ path: String) {
        bytes = Array(path.utf8)
    }

    /// The name as text; nil if it is not UTF-8.
    public var string: String? { String(validating: bytes, as: UTF8.self) }
}

extension PythonPath: CustomStringConvertible {
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension PythonPath: TaggedValue {
    static var tags: [UInt64] { [CBORTag.path] }
    static var plainForm: PythonTaggedValue.PlainForm { .content }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.path, string.map { .string($0) } ?? .bytes(bytes))
    }

    init(tag: UInt64, content: PythonValue) throws {
        bytes =
            if case .bytes(let bytes) = content { bytes } else { Array(try content.text().utf8) }
    }
}
