import ProxyWire

/// An instance of a Python dataclass. Asked for as another type it is a dict of its fields.
public struct PythonDataclass: Sendable, Hashable {
    public var className: PythonClassName
    /// By name.
    public var fields: PythonDictionary

    public init(_ className: PythonClassName, fields: PythonDictionary) {
        self.className = className
        self.fields = fields
    }

    /// The value of a field.
    public subscript(name: String) -> PythonValue? { fields[.string(name)] }
}

extension PythonDataclass: CustomStringConvertible {
    public var description: String {
        let fields = fields.map { field in
            let name = if case .string(let text) = field.key { text } else { "\(field.key)" }
            return "\(name)=\(field.value)"
        }
        return "\(className.qualifiedName)(\(fields.joined(separator: ", ")))"
    }
}

extension PythonDataclass: TaggedValue {
    static var tags: [UInt64] { [CBORTag.dataclass] }
    static var plainForm: PythonTaggedValue.PlainForm { .item(2) }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.dataclass, .list(className.parts + [.dictionary(fields)]))
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(3)
        self.init(try PythonClassName(parts), fields: try parts[2].fields())
    }
}
