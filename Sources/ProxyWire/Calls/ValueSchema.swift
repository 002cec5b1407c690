/// What a value is wanted as: the shape of a Swift type, in terms of Python.
///
/// It travels with a call. The server makes such values of objects that are something else but offer the protocol
/// for it: a list of an iterator, a mapping of a data class, an array of what exports its memory. What is not
/// what the schema says is sent as it is; the client then says what it expected.
package indirect enum ValueSchema: Sendable, Hashable {
    /// As it is, described (`CBORTag.described`), with its plain form; parts that cannot be copied are objects.
    case value
    case boolean, integer, float, complex
    case bytes
    case array
    case optional(ValueSchema)
    case list(ValueSchema)
    case mapping(key: ValueSchema, value: ValueSchema)
    case tuple([ValueSchema])
    /// A mapping with texts as keys. Other fields than these are wanted as well, untyped.
    case record([String: ValueSchema])
    /// As it is, described with its texts and plain form; what cannot be copied is an object.
    case untyped
    /// As it is, without a description: the type that is asked for knows its tag.
    case exact
    case text
    /// An object that stays on the server.
    case object

    /// How the schema is written: an unsigned integer, or an array that begins with one.
    private enum Kind: UInt64 {
        case value, boolean, integer, float, complex, bytes, array
        case optional, list, mapping, tuple, record, untyped, exact, text, object
    }

    /// The number that stands for the kind of value, whatever it consists of.
    package var number: UInt64 { kind.rawValue }

    private var kind: Kind {
        switch self {
        case .value: .value
        case .boolean: .boolean
        case .integer: .integer
        case .float: .float
        case .complex: .complex
        case .bytes: .bytes
        case .array: .array
        case .optional: .optional
        case .list: .list
        case .mapping: .mapping
        case .tuple: .tuple
        case .record: .record
        case .untyped: .untyped
        case .exact: .exact
        case .text: .text
        case .object: .object
        }
    }

    /// Whether a result of this kind may have objects in it that stay on the server.
    package var mayHaveObjects: Bool {
        switch self {
        case .boolean, .integer, .float, .complex, .bytes, .array, .exact, .text: false
        case .value, .untyped, .object, .record: true
        case .optional(let part), .list(let part): part.mayHaveObjects
        case .mapping(_, let value): value.mayHaveObjects
        case .tuple(let elements): elements.contains(where: \.mayHaveObjects)
        }
    }

    // MARK: Writing

    package func write(to writer: CBORWriter) {
        func node(_ count: Int) {
            writer.array(count: count + 1)
            writer.unsigned(number)
        }
        switch self {
        case .value, .boolean, .integer, .float, .complex, .bytes, .array, .untyped, .exact, .text,
            .object:
            writer.unsigned(number)
        case .optional(let part), .list(let part):
            node(1)
            part.write(to: writer)
        case .mapping(let key, let value):
            node(2)
            key.write(to: writer)
            value.write(to: writer)
        case .tuple(let elements):
            node(elements.count)
            for element in elements { element.write(to: writer) }
        case .record(let fields):
            node(fields.count * 2)
            for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
                writer.text(name)
                field.write(to: writer)
            }
        }
    }

    // MARK: Reading

    package init(from reader: inout CBORReader) throws(WireError) {
        let start = reader.offset
        let head = try reader.head()
        if head.major == .unsigned {
            self = try Self.leaf(head.argument, at: start)
            return
        }
        guard head.major == .array, let count = try reader.enter(head), count > 0 else {
            throw .malformed("\(head.noun) where a schema must stand", offset: start)
        }
        self = try Self.node(try reader.unsigned(), count - 1, &reader, at: start)
        reader.leave()
    }

    private static func leaf(_ number: UInt64, at start: Int) throws(WireError) -> ValueSchema {
        guard let leaf = leaves.first(where: { $0.number == number }) else {
            throw .malformed("\(number) is not the schema of a value", offset: start)
        }
        return leaf
    }

    /// Those without parts.
    private static let leaves: [ValueSchema] = [
        .value, .boolean, .integer, .float, .complex, .bytes, .array, .untyped, .exact, .text,
        .object,
    ]

    private static func node(
        _ number: UInt64, _ count: Int, _ reader: inout CBORReader, at start: Int
    ) throws(WireError) -> ValueSchema {
        switch (Kind(rawValue: number), count) {
        case (.optional, 1): return .optional(try ValueSchema(from: &reader))
        case (.list, 1): return .list(try ValueSchema(from: &reader))
        case (.mapping, 2):
            let key = try ValueSchema(from: &reader)
            return .mapping(key: key, value: try ValueSchema(from: &reader))
        case (.tuple, _):
            var elements: [ValueSchema] = []
            for _ in 0..<count { elements.append(try ValueSchema(from: &reader)) }
            return .tuple(elements)
        case (.record, _) where count.isMultiple(of: 2):
            var fields: [String: ValueSchema] = [:]
            for _ in 0..<count / 2 {
                let name = try reader.text()
                fields[name] = try ValueSchema(from: &reader)
            }
            return .record(fields)
        default:
            throw .malformed("\(number) is not a schema with \(count) parts", offset: start)
        }
    }
}
