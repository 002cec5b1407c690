import ProxyWire

/// Stands for a part of an untyped result that could not be copied: which class it is of, and why not.
///
/// Asked for as any type it throws `ProxyError.conversion`, and so does passing it to Python.
public struct PythonOpaqueValue: Sendable, Hashable {
    /// As in "matplotlib.lines.Line2D".
    public var className: String
    public var reason: String

    public init(className: String, reason: String) {
        self.className = className
        self.reason = reason
    }
}

extension PythonOpaqueValue: CustomStringConvertible {
    public var description: String { "<\(className), not copied>" }
}

extension PythonOpaqueValue: TaggedValue {
    static var tags: [UInt64] { [CBORTag.opaque] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.opaque, [.string(className), .string(reason)])
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(2)
        self.init(className: try parts[0].text(), reason: try parts[1].text())
    }
}
