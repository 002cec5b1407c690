import ProxyWire

/// A pandas DataFrame.
///
/// ```swift
/// let frame: PandasDataFrame = try await package.table()
/// let heights: [Double?] = try frame.column("height").as()
/// ```
///
/// Asked for as another type it is a dict of its columns or, as an `Array`, a list of its rows, each a dict.
public struct PandasDataFrame: Sendable, Hashable {
    /// The row labels: an index of pandas.
    public var index: PythonValue
    /// The column labels: an index of pandas.
    public var columns: PythonValue
    /// The values of each column: an array, a list of objects or an extension array of pandas.
    public var values: [PythonValue]

    public init(index: PythonValue, columns: PythonValue, values: [PythonValue]) {
        self.index = index
        self.columns = columns
        self.values = values
    }

    /// The column labels as plain values.
    public var columnLabels: [PythonValue] { (try? columns.plainItems()) ?? [] }

    /// A column as an array, or as a list in which what is missing is `.none`.
    ///
    /// - Throws: `ConversionError` if there is no such column, or more than one.
    public func column(_ label: PythonValue) throws -> PythonValue {
        let labels = columnLabels
        let positions = labels.indices.filter { labels[$0] == label }
        guard positions.count == 1, values.indices.contains(positions[0]) else {
            throw ConversionError(
                "the DataFrame has \(positions.isEmpty ? "no" : "more than one") column \(label); "
                    + "its columns are \(labels.prefix(100))")
        }
        return try values[positions[0]].plainColumn()
    }

    /// The columns by their labels.
    var columnsByLabel: PythonValue {
        get throws {
            let labels = columnLabels
            guard labels.count == values.count else { throw ContentMismatch() }
            let columns = PythonDictionary(
                zip(labels, try values.map { try $0.plainColumn() }))
            guard columns.count == values.count else {
                throw ConversionError(
                    "several columns of the DataFrame have the same label; ask for a "
                        + "PandasDataFrame, or rename them")
            }
            return .dictionary(columns)
        }
    }

    /// The rows, which are read from the columns.
    var rows: PythonValue {
        get throws {
            .tagged(PythonTaggedValue(tag: CBORTag.table, content: try columnsByLabel))
        }
    }

    static func isContent(_ content: PythonValue) -> Bool {
        if case .list(let parts) = content { parts.first == "DataFrame" } else { false }
    }
}

extension PythonTaggedValue {
    /// The DataFrame that the value is; nil if it is something else. Nothing is copied.
    var dataFrame: PandasDataFrame? {
        tag == CBORTag.pandas ? try? PandasDataFrame(tag: tag, content: content) : nil
    }
}

extension PandasDataFrame: TaggedValue {
    static var tags: [UInt64] { [CBORTag.pandas] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.pandas, ["DataFrame", index, columns, .list(values)])
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(4)
        guard parts[0] == "DataFrame" else { throw ContentMismatch() }
        self.init(index: parts[1], columns: parts[2], values: try parts[3].items())
    }
}
