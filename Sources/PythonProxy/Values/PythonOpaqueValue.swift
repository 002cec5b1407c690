import ProxyWire

/// Stands for what is not here: a part of an untyped result that could not be copied, or an item that a value does
/// not have.
///
/// Asked for as any type it throws `ProxyError.conversion` with the reason, and so does passing it to Python.
public struct PythonOpaqueValue: Sendable, Hashable {
    /// The class of what was not copied, as in "matplotlib.lines.Line2D"; empty for what does not exist.
    public var className: String
    public var reason: String

    public init(className: String = "", reason: String) {
        self.className = className
        self.reason = reason
    }
}

extension PythonOpaqueValue: CustomStringConvertible {
    public var description: String {
        className.isEmpty ? "<\(reason)>" : "<\(className), not copied>"
    }
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
