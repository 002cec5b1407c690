import ProxyWire

/// A Python `types.SimpleNamespace`. Asked for as another type it is a dict of its attributes.
public struct PythonNamespace: Sendable, Hashable {
    /// By name.
    public var attributes: PythonDictionary

    public init(_ attributes: PythonDictionary) {
        self.attributes = attributes
    }
}

extension PythonNamespace: TaggedValue {
    static var tags: [UInt64] { [CBORTag.namespace] }
    static var plainForm: PythonTaggedValue.PlainForm { .item(0) }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.namespace, [.dictionary(attributes)])
    }

    init(tag: UInt64, content: PythonValue) throws {
        attributes = try content.items(1)[0].fields()
    }
}
