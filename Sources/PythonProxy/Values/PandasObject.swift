import ProxyWire

/// Any other value of pandas. Asked for as another type, an index or array is its values, with None for what
/// is missing, and a Timestamp or Timedelta is a moment or duration.
public struct PandasObject: Sendable, Hashable {
    public enum Kind: String, Sendable {
        /// Parts: name, dtype or None, values.
        case index = "Index"
        /// Parts: name, start, stop, step.
        case rangeIndex = "RangeIndex"
        /// Parts: names, levels (each an index with a label for each row).
        case multiIndex = "MultiIndex"
        /// Parts: codes (-1 for what is missing), categories (an index), whether they are ordered.
        case categorical = "Categorical"
        /// Parts: dtype, values, where they are missing.
        case masked = "Masked"
        /// Parts: dtype or None, values.
        case array = "Array"
        /// Parts: datetime64 array in UTC, zone.
        case zonedDatetimes = "DatetimeTZ"
        /// Parts: datetime64 scalar in UTC, zone or None, fold.
        case timestamp = "Timestamp"
        /// Parts: timedelta64 scalar.
        case timedelta = "Timedelta"
        case notATime = "NaT"
        case notAvailable = "NA"
    }

    public var kind: Kind
    /// What the kind says.
    public var parts: [PythonValue]

    public init(_ kind: Kind, _ parts: [PythonValue] = []) {
        self.kind = kind
        self.parts = parts
    }

    /// The object as plain values.
    func view() throws -> PythonValue {
        func part(_ index: Int) throws -> PythonValue {
            guard parts.indices.contains(index) else { throw ContentMismatch() }
            return parts[index]
        }
        switch kind {
        case .notATime, .notAvailable: return .none
        case .timestamp, .timedelta, .zonedDatetimes: return try part(0)
        case .array: return try part(1).plainColumn()
        case .index: return try part(2).plainColumn()
        case .rangeIndex:
            return try PythonRange(
                try part(1).number(), try part(2).number(), step: try part(3).number()
            ).list()
        case .multiIndex:
            let levels = try part(1).items().map { try $0.plainItems() }
            return .list(
                (0..<(levels.map(\.count).min() ?? 0)).map { row in .tuple(levels.map { $0[row] }) }
            )
        case .categorical:
            let categories = try part(1).plainItems()
            return .list(
                try part(0).anyArray().elementValues.map { code in
                    let position = try code.number()
                    return categories.indices.contains(position) ? categories[position] : .none
                })
        case .masked:
            let values = try part(1).anyArray()
            return MaskedArray(data: values, mask: try part(2).anyArray()).nestedValue
        }
    }
}

extension PandasObject: TaggedValue {
    static var tags: [UInt64] { [CBORTag.pandas] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.pandas, .list([.string(kind.rawValue)] + parts))
    }

    init(tag: UInt64, content: PythonValue) throws {
        let items = try content.items()
        guard let name = try items.first?.text(), let kind = Kind(rawValue: name) else {
            throw ContentMismatch()
        }
        self.init(kind, Array(items.dropFirst()))
    }
}
