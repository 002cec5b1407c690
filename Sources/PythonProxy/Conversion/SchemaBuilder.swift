import Foundation
import ProxyTransport
import ProxyWire

/// Derives the schema of a Swift type, by which the server converts a result.
struct SchemaBuilder {
    /// Types that are being looked at: one inside itself is a value.
    private var open: Set<ObjectIdentifier> = []

    private static let known = ConditionMutex<[ObjectIdentifier: ValueSchema]>([:])

    /// The schema of a result. Made once for each type.
    static func schema(of type: any Decodable.Type) -> ValueSchema {
        let identifier = ObjectIdentifier(type)
        if let schema = known.withLock({ $0[identifier] }) { return schema }
        var builder = SchemaBuilder()
        let schema = builder.schema(of: type)
        known.withLock { $0[identifier] = schema }
        return schema
    }

    /// The schema of a part of a type.
    mutating func schema(of type: Any.Type) -> ValueSchema {
        if let type = type as? any SchemaRepresentable.Type { return type.schema(&self) }
        // Their parts are read as other types later.
        if type is any TaggedValue.Type { return .value }
        if type is any PythonDecodable.Type { return .exact }
        guard type is any Decodable.Type else { return .value }
        guard open.insert(ObjectIdentifier(type)).inserted else { return .value }
        defer { open.remove(ObjectIdentifier(type)) }
        let properties = StoredProperties.of(type)
        // An enumeration, for example. It is decoded as its `init(from:)` says.
        if properties.isEmpty { return .value }
        var fields: [String: ValueSchema] = [:]
        for property in properties where !property.name.hasPrefix("$") {
            // The storage of a property wrapper, whose value has the name without the underscore.
            let name = String(property.name.drop { $0 == "_" })
            let schema = schema(of: property.type)
            fields[name] = schema
            // As it is looked for, too.
            fields[RecordReader.snakeCase(name)] = schema
        }
        return .record(fields)
    }
}

/// A type that knows the schema of its values.
protocol SchemaRepresentable {
    static func schema(_ builder: inout SchemaBuilder) -> ValueSchema
}

extension SchemaRepresentable where Self: FixedWidthInteger {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .integer }
}

extension Int: SchemaRepresentable {}
extension Int8: SchemaRepresentable {}
extension Int16: SchemaRepresentable {}
extension Int32: SchemaRepresentable {}
extension Int64: SchemaRepresentable {}
extension Int128: SchemaRepresentable {}
extension UInt: SchemaRepresentable {}
extension UInt8: SchemaRepresentable {}
extension UInt16: SchemaRepresentable {}
extension UInt32: SchemaRepresentable {}
extension UInt64: SchemaRepresentable {}
extension UInt128: SchemaRepresentable {}

extension PythonInteger: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .integer }
}

extension SchemaRepresentable where Self: BinaryFloatingPoint {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .float }
}

extension Double: SchemaRepresentable {}
extension Float: SchemaRepresentable {}

extension Complex: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .complex }
}

extension Bool: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .boolean }
}

extension String: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .text }
}

extension Data: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .bytes }
}

extension AnyNDArray: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .array }
}

extension NDArray: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .array }
}

extension Optional: SchemaRepresentable {
    static func schema(_ builder: inout SchemaBuilder) -> ValueSchema {
        let wrapped = builder.schema(of: Wrapped.self)
        return wrapped == .value ? .value : .optional(wrapped)
    }
}

extension Array: SchemaRepresentable {
    static func schema(_ builder: inout SchemaBuilder) -> ValueSchema {
        .list(builder.schema(of: Element.self))
    }
}

extension Set: SchemaRepresentable {
    static func schema(_ builder: inout SchemaBuilder) -> ValueSchema {
        .list(builder.schema(of: Element.self))
    }
}

extension Dictionary: SchemaRepresentable {
    static func schema(_ builder: inout SchemaBuilder) -> ValueSchema {
        .mapping(key: builder.schema(of: Key.self), value: builder.schema(of: Value.self))
    }
}

extension PythonValue: SchemaRepresentable {
    static func schema(_: inout SchemaBuilder) -> ValueSchema { .untyped }
}
