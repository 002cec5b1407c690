import ProxyWire

/// A Python value that is neither a built-in container, a number, a text nor an array: a date, a data class, a
/// table of pandas, an object of COMPAS.
///
/// It holds all that Python needs to make the value again. Ask for what it is in Swift:
///
/// ```swift
/// let value = try await proxy.started()            // datetime.datetime(2024, 1, 31, 12, 30)
/// let time = try value.as(PythonDateTime.self)     // or Date.self
/// ```
///
/// Two are equal if they are of the same kind and have the same content.
public struct PythonTaggedValue: Sendable {
    /// The class: "datetime.datetime".
    public let className: String
    /// As Python's `str` shows the value, in at most 10,000 characters; nil if the server has not said it.
    public let text: String?
    /// As Python's `repr` shows the value; nil if the server has not said it.
    public let representation: String?
    let tag: UInt64
    let content: PythonValue
    let plainForm: PlainForm

    /// What the value is in terms of built-in types.
    enum PlainForm: Sendable {
        case none
        case content
        /// An item of the content.
        case item(Int)
        case value(PythonValue)
    }

    init(
        tag: UInt64, content: PythonValue, className: String? = nil, text: String? = nil,
        representation: String? = nil, plainForm: PlainForm = .none
    ) {
        self.tag = tag
        self.content = content
        self.className = className ?? Self.classNames[tag] ?? ""
        self.text = text
        self.representation = representation ?? text
        self.plainForm = plainForm
    }

    /// Of values that travel without a description.
    static let classNames: [UInt64: String] = [
        CBORTag.bytearray: "bytearray", CBORTag.memoryview: "memoryview", CBORTag.range: "range",
        CBORTag.slice: "slice", CBORTag.decimal: "decimal.Decimal",
        CBORTag.specialDecimal: "decimal.Decimal", CBORTag.rational: "fractions.Fraction",
        CBORTag.dateTimeText: "datetime.datetime", CBORTag.dateTime: "datetime.datetime",
        CBORTag.date: "datetime.date", CBORTag.time: "datetime.time",
        CBORTag.duration: "datetime.timedelta", CBORTag.uuid: "uuid.UUID",
        CBORTag.path: "pathlib.Path", CBORTag.enumeration: "enum.Enum",
        CBORTag.namedTuple: "named tuple", CBORTag.dataclass: "dataclass",
        CBORTag.namespace: "types.SimpleNamespace", CBORTag.maskedArray: "numpy.ma.MaskedArray",
        CBORTag.sparseArray: "sparse array of scipy", CBORTag.pandas: "value of pandas",
        CBORTag.compas: "object of COMPAS", CBORTag.table: "table",
    ]
}

extension PythonTaggedValue: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        left.tag == right.tag && left.content == right.content
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(tag)
        hasher.combine(content)
    }
}

extension PythonTaggedValue: CustomStringConvertible, CustomDebugStringConvertible {
    /// As Python's `str` shows the value.
    public var description: String { text ?? "<\(className) \(content.debugDescription)>" }

    /// As Python's `repr` shows the value.
    public var debugDescription: String { representation ?? description }
}

// MARK: The plain form

extension PythonTaggedValue {
    /// The value in terms of built-in types; nil if it has no such form.
    ///
    /// - Parameter asList: whether a list is wanted, rather than a dict, where there are both.
    /// - Throws: `ConversionError` if the form would be too large; `ContentMismatch`.
    func plain(asList: Bool) throws -> PythonValue? {
        switch plainForm {
        case .none: break
        case .content: return content
        case .item(let position):
            guard case .list(let items) = content, items.indices.contains(position) else {
                throw ContentMismatch()
            }
            return items[position]
        case .value(let value): return value
        }
        // What would be written twice if the server made it.
        switch tag {
        case CBORTag.range: return try PythonRange(tag: tag, content: content).list()
        case CBORTag.namedTuple:
            let tuple = try PythonNamedTuple(tag: tag, content: content)
            return asList ? .tuple(tuple.values) : .dictionary(tuple.fields)
        case CBORTag.maskedArray:
            return try MaskedArray(tag: tag, content: content).nestedValue
        case CBORTag.pandas where PandasDataFrame.isContent(content):
            let frame = try PandasDataFrame(tag: tag, content: content)
            return asList ? try frame.rows : try frame.columnsByLabel
        case CBORTag.pandas:
            guard case .list(let items) = content, case .string(let kind)? = items.first,
                let position = PandasObject.Kind(rawValue: kind).plainPosition,
                position < items.count
            else { return isMissing ? .some(.none) : nil }
            return items[position]
        default: return nil
        }
    }

    /// Whether it stands for a missing value: NaT or NA of pandas.
    var isMissing: Bool {
        guard tag == CBORTag.pandas, case .list(let items) = content, items.count == 1 else {
            return false
        }
        return items[0] == "NaT" || items[0] == "NA"
    }
}

// MARK: On the wire

extension PythonTaggedValue {
    /// Reads a tag and its content, or what describes one.
    init(tag: UInt64, from reader: inout PythonReader) throws {
        let start = reader.cbor.offset
        _ = try reader.cbor.head()
        // Tags within tags are bounded like other nesting.
        try reader.cbor.deepen()
        let content = try PythonValue(from: &reader)
        reader.cbor.leave()
        guard tag == CBORTag.described else {
            self.init(tag: tag, content: content)
            return
        }
        do { try self.init(description: content) } catch is ContentMismatch {
            throw WireError.malformed("a description that describes no value", offset: start)
        }
    }

    private init(description: PythonValue) throws {
        let parts = try description.items(5)
        guard case .tagged(let value) = parts[0] else { throw ContentMismatch() }
        let plainForm: PlainForm =
            switch parts[4] {
            case .bool(let isContent): isContent ? .content : .none
            case .int(let position): .item(position)
            case .list(let items) where items.count == 1: .value(items[0])
            default: throw ContentMismatch()
            }
        self.init(
            tag: value.tag, content: value.content, className: try parts[1].text(),
            text: try parts[2].optionalText(),
            representation: try parts[3].optionalText(), plainForm: plainForm)
    }

    /// Writes the tag and its content, which is all that Python needs.
    func encode(into writer: inout PythonWriter) throws {
        if writer.keepsDescriptions, isDescribed { return try encodeDescribed(into: &writer) }
        try writer.nested { writer in
            writer.cbor.tag(tag)
            try content.encode(into: &writer)
        }
    }

    /// Whether there is more to say than tag and content.
    private var isDescribed: Bool {
        if CBORTag.hasNoDescription(tag) { return false }
        if case .none = plainForm, text == nil { return className != Self.classNames[tag] ?? "" }
        return true
    }

    private func encodeDescribed(into writer: inout PythonWriter) throws {
        // A description is a tag and an array around the value.
        try writer.nested(levels: 3) { writer in
            writer.cbor.tag(CBORTag.described)
            writer.cbor.array(count: 5)
            writer.cbor.tag(tag)
            try content.encode(into: &writer)
            writer.cbor.text(className)
            try PythonValue(text).encode(into: &writer)
            try PythonValue(representation).encode(into: &writer)
            switch plainForm {
            case .none: writer.cbor.boolean(false)
            case .content: writer.cbor.boolean(true)
            case .item(let position): writer.cbor.unsigned(UInt64(max(position, 0)))
            case .value(let value): try PythonValue.list([value]).encode(into: &writer)
            }
        }
    }
}
