import ProxyWire

/// A member of a Python enumeration. Asked for as another type, such as an `Int` or an enum with raw
/// values, it is its value.
public struct PythonEnum: Sendable, Hashable {
    public var className: PythonClassName
    /// Nil for a combination of flags that has no name.
    public var name: String?
    public var value: PythonValue

    public init(_ className: PythonClassName, name: String?, value: PythonValue) {
        self.className = className
        self.name = name
        self.value = value
    }
}

extension PythonEnum: CustomStringConvertible {
    public var description: String {
        "<\(className.qualifiedName).\(name ?? "?"): \(value)>"
    }
}

extension PythonEnum: TaggedValue {
    static var tags: [UInt64] { [CBORTag.enumeration] }
    static var plainForm: PythonTaggedValue.PlainForm { .item(3) }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.enumeration, .list(className.parts + [PythonValue(name), value]))
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(4)
        self.init(try PythonClassName(parts), name: try parts[2].optionalText(), value: parts[3])
    }
}
