import ProxyWire

/// Any value of pandas but a DataFrame or Series. Asked for as another type, an index or array is its values, with
/// None for what is missing, and a Timestamp or Timedelta is a moment or duration.
public struct PandasObject: Sendable, Hashable {
    /// What the object is.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        public var rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// Parts: name, dtype or None, values.
        public static let index = Kind(rawValue: "Index")
        /// Parts: name, start, stop, step.
        public static let rangeIndex = Kind(rawValue: "RangeIndex")
        /// Parts: names, levels (each an index with a label for each row).
        public static let multiIndex = Kind(rawValue: "MultiIndex")
        /// Parts: codes (-1 for what is missing), categories (an index), whether they are ordered.
        public static let categorical = Kind(rawValue: "Categorical")
        /// Parts: dtype, values, where they are missing.
        public static let masked = Kind(rawValue: "Masked")
        /// Parts: dtype or None, values.
        public static let array = Kind(rawValue: "Array")
        /// Parts: datetime64 array in UTC, zone.
        public static let zonedDatetimes = Kind(rawValue: "DatetimeTZ")
        /// Parts: datetime64 scalar in UTC, zone or None, fold.
        public static let timestamp = Kind(rawValue: "Timestamp")
        /// Parts: timedelta64 scalar.
        public static let timedelta = Kind(rawValue: "Timedelta")
        public static let notATime = Kind(rawValue: "NaT")
        public static let notAvailable = Kind(rawValue: "NA")

        /// The position of the values in the content, behind the kind.
        var plainPosition: Int? {
            switch self {
            case .index: 3
            case .array: 2
            case .zonedDatetimes, .timestamp, .timedelta: 1
            case Kind(rawValue: "Series"): 4
            default: nil
            }
        }
    }

    public var kind: Kind
    /// What the kind says.
    public var parts: [PythonValue]

    public init(_ kind: Kind, _ parts: [PythonValue] = []) {
        self.kind = kind
        self.parts = parts
    }
}

extension PandasObject: TaggedValue {
    static var tags: [UInt64] { [CBORTag.pandas] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.pandas, .list([.string(kind.rawValue)] + parts))
    }

    init(tag: UInt64, content: PythonValue) throws {
        let items = try content.items()
        guard let name = try items.first?.text() else { throw ContentMismatch() }
        self.init(Kind(rawValue: name), Array(items.dropFirst()))
    }
}
