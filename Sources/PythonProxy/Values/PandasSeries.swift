import ProxyWire

/// A pandas Series. Asked for as another type it is its values; what is missing is None.
public struct PandasSeries: Sendable, Hashable {
    public var name: PythonValue
    /// The labels: an index of pandas.
    public var index: PythonValue
    /// pandas's name of the dtype where the values do not say it; nil otherwise.
    public var dtype: String?
    /// An array, a list of objects or an extension array of pandas.
    public var values: PythonValue

    public init(
        name: PythonValue = .none, index: PythonValue, dtype: String? = nil, values: PythonValue
    ) {
        self.name = name
        self.index = index
        self.dtype = dtype
        self.values = values
    }
}

extension PandasSeries: TaggedValue {
    static var tags: [UInt64] { [CBORTag.pandas] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.pandas, ["Series", name, index, PythonValue(dtype), values])
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(5)
        guard parts[0] == "Series" else { throw ContentMismatch() }
        self.init(
            name: parts[1], index: parts[2], dtype: try parts[3].optionalText(), values: parts[4])
    }
}
