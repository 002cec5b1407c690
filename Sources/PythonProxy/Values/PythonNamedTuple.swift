import ProxyWire

/// A Python named tuple. Asked for as another type it is a tuple, or its fields by name.
public struct PythonNamedTuple: Sendable, Hashable {
    public var className: PythonClassName
    public var names: [String]
    /// As many as there are names.
    public var values: [PythonValue]

    public init(_ className: PythonClassName, names: [String], values: [PythonValue]) {
        self.className = className
        self.names = names
        self.values = values
    }

    /// The value of a field.
    public subscript(name: String) -> PythonValue? {
        names.firstIndex(of: name).flatMap { values.indices.contains($0) ? values[$0] : nil }
    }

    var fields: PythonDictionary {
        PythonDictionary(zip(names.map { .string($0) }, values))
    }
}

extension PythonNamedTuple: CustomStringConvertible {
    public var description: String {
        let fields = zip(names, values).map { "\($0)=\($1)" }.joined(separator: ", ")
        return "\(className.qualifiedName)(\(fields))"
    }
}

extension PythonNamedTuple: TaggedValue {
    static var tags: [UInt64] { [CBORTag.namedTuple] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (
            CBORTag.namedTuple,
            .list(className.parts + [.list(names.map { .string($0) }), .list(values)])
        )
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(4)
        self.init(
            try PythonClassName(parts), names: try parts[2].items().map { try $0.text() },
            values: try parts[3].items())
    }
}
