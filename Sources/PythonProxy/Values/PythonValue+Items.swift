// Items of lists, entries of dicts, and the like.

extension PythonValue {
    /// The item at a position of a list or tuple, counted from the end if negative; or the value for an int key of
    /// a dict.
    ///
    /// What is not there is an ``opaque(_:)`` value: asked for as anything it throws an error that says what there
    /// is. Assigning replaces an item or adds an entry to a dict; what is not there becomes a dict, and what has no
    /// items such an opaque value.
    public subscript(position: Int) -> PythonValue {
        get { self[.int(position)] }
        set { self[.int(position)] = newValue }
    }

    /// The value for a key of a dict, or of a field, attribute or column of that name.
    ///
    /// What is not there is an ``opaque(_:)`` value: asked for as anything it throws an error that names the keys
    /// that exist. Assigning replaces or adds an entry.
    public subscript(key: String) -> PythonValue {
        get { self[.string(key)] }
        set { self[.string(key)] = newValue }
    }

    /// The value for a key of a dict.
    ///
    /// As ``subscript(_:)-(String)``, for keys of any type.
    public subscript(key: PythonValue) -> PythonValue {
        get { item(key) ?? missing(key) }
        set { assign(newValue, at: key) }
    }

    private func item(_ key: PythonValue) -> PythonValue? {
        switch self {
        case .dictionary(let entries): return entries[key]
        case .list(let items), .tuple(let items):
            return Self.index(key, in: items.count).map { items[$0] }
        case .array(let array):
            guard let length = array.shape.first, let index = Self.index(key, in: length) else {
                return nil
            }
            return array.item(index)
        case .bytes(let bytes): return Self.index(key, in: bytes.count).map { .int(Int(bytes[$0])) }
        case .tagged(let value):
            if let frame = value.dataFrame { return try? frame.column(key) }
            let asList = if case .int = key { true } else { false }
            guard let plain = try? value.plain(asList: asList) else { return nil }
            return plain.item(key)
        default: return nil
        }
    }

    private static func index(_ key: PythonValue, in count: Int) -> Int? {
        guard case .int(let position) = key, position >= -count, position < count else {
            return nil
        }
        return position < 0 ? count + position : position
    }

    /// The keys of a dict, names of fields or labels of columns; empty for values without such.
    public var keys: [PythonValue] {
        switch self {
        case .dictionary(let entries): return entries.keys
        case .tagged(let value):
            if let frame = value.dataFrame { return frame.columnLabels }
            return (try? value.plain(asList: false))?.keys ?? []
        default: return []
        }
    }

    /// What stands for an item that is not there.
    private func missing(_ key: PythonValue) -> PythonValue {
        let (keys, key) = (keys, key.debugDescription)
        let reason: String
        if case .object = self {
            reason = "no item \(key) in \(staysElsewhere)"
        } else if !keys.isEmpty {
            reason =
                "no key \(key) in \(noun); \(ConversionError.listing(keys, as: \.debugDescription))"
        } else {
            reason = "no item \(key) in \(noun)" + (count.map { " of \($0) items" } ?? "")
        }
        return .opaque(PythonOpaqueValue(reason: reason))
    }

    /// For messages about an object.
    private var staysElsewhere: String {
        "\(noun), which stays there: ask for values in the call itself (let x: [Double] = …), or copy them with "
            + "evaluate(_:)"
    }

    private mutating func assign(_ value: PythonValue, at key: PythonValue) {
        switch self {
        case .dictionary(var entries):
            // Not two owners while it is changed.
            self = .none
            entries[key] = value
            self = .dictionary(entries)
        case .list(var items):
            guard let index = Self.index(key, in: items.count) else {
                self = missing(key)
                return
            }
            self = .none
            items[index] = value
            self = .list(items)
        case .none, .opaque:
            if case .opaque(let value) = self, !value.className.isEmpty { return }
            if case .int = key { self = missing(key) } else { self = .dictionary([key: value]) }
        default: self = .opaque(PythonOpaqueValue(reason: "\(noun) takes no assigned items"))
        }
    }
}

extension PythonValue: Sequence {
    /// The items of a list or tuple, the elements of an array along its first dimension, the items of a set in a
    /// fixed order, the keys of a dict, as Python iterates them; nothing for other values. Of an object that stays on
    /// the server, which cannot be iterated here, one ``opaque(_:)`` value that says so.
    public func makeIterator() -> IndexingIterator<[PythonValue]> { items.makeIterator() }

    private var items: [PythonValue] {
        switch self {
        case .list(let items), .tuple(let items): return items
        case .set(let items), .frozenset(let items): return WrittenOrder.sorted(items)
        case .dictionary(let entries): return entries.keys
        case .array(let array): return (0..<(array.shape.first ?? 0)).map { array.item($0) }
        case .bytes(let bytes): return bytes.map { .int(Int($0)) }
        case .string(let text): return text.unicodeScalars.map { .string(String($0)) }
        case .tagged(let value):
            // A table is its columns, as in pandas.
            if let frame = value.dataFrame { return frame.columnLabels }
            return (try? value.plain(asList: true))?.items ?? []
        case .object:
            return [.opaque(PythonOpaqueValue(reason: "no items in \(staysElsewhere)"))]
        default: return []
        }
    }
}

// MARK: As values of Swift

extension Int {
    /// The value of an int, or of a float without a fraction; nil for anything else, and if it does not fit.
    public init?(_ value: PythonValue) {
        guard let number = try? value.as(Int.self) else { return nil }
        self = number
    }
}

extension Double {
    /// The value of a float, or of an int that a Double holds exactly; nil for anything else.
    public init?(_ value: PythonValue) {
        guard let number = try? value.as(Double.self) else { return nil }
        self = number
    }
}

extension Bool {
    /// The value of a bool; nil for anything else.
    public init?(_ value: PythonValue) {
        guard let flag = try? value.as(Bool.self) else { return nil }
        self = flag
    }
}

extension String {
    /// The text of a str; nil for anything else. (For Python's `str(value)`, see ``PythonValue/description``.)
    public init?(_ value: PythonValue) {
        guard let text = try? value.as(String.self) else { return nil }
        self = text
    }
}

extension Array where Element: Decodable {
    /// The items of a list, tuple, array or set; nil for anything else, and if an item is none of `Element`.
    public init?(_ value: PythonValue) {
        if Element.self == PythonValue.self {
            if case .object = value { return nil }
            self = value.compactMap { $0 as? Element }
            return
        }
        guard let items = try? value.as([Element].self) else { return nil }
        self = items
    }
}
