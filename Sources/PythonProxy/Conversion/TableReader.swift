import ProxyWire

/// The rows of a table that travels column by column: no dictionary is made for a row that is decoded.
///
/// SAFETY: points into the frame, as `PythonReader` does. For one thread.
final class TableReader {
    /// The labels of the columns as they are …
    private let keys: [PythonValue]
    /// … and as the names of fields.
    let labels: [String]
    let rowCount: Int
    private let columns: [Column]
    /// With the names that types have for columns in snake case.
    private var positions: [String: Int]
    /// By what name each column was looked for last.
    private var names: [String]
    /// The column after the one that was looked for last: types ask for their fields in the same order each time.
    private var next = 0

    private enum Column {
        case numbers(PythonReader.ArrayPart)
        /// Where each of its values starts.
        case values([Int])
        /// Dates, durations, texts of fixed width.
        case array(AnyNDArray)
    }

    /// A row, where a reader stands before one.
    struct Row {
        let table: TableReader
        let index: Int

        /// Readers before the values, by their labels.
        func values() throws -> [(label: PythonValue, value: PythonReader)] {
            try table.keys.indices.map {
                (table.keys[$0], try table.value(at: $0, in: index))
            }
        }

        func entries() throws -> PythonDictionary {
            PythonDictionary(
                try values().map { label, value in
                    var value = value
                    return (label, try PythonValue(from: &value))
                })
        }
    }

    /// Stands before the columns.
    private let start: PythonReader

    /// Goes past the columns of a table whose tag was just read.
    init(_ reader: inout PythonReader) throws {
        start = reader
        var keys: [PythonValue] = []
        var columns: [Column] = []
        var counts: [Int] = []
        guard try reader.cbor.peek().major == .map else {
            throw WireError.malformed("a table without columns", offset: reader.cbor.offset)
        }
        try reader.forEachEntry { reader in
            keys.append(try PythonValue(from: &reader))
            let (column, count) = try Self.column(&reader)
            columns.append(column)
            counts.append(count)
        }
        guard Set(counts).count <= 1 else {
            throw WireError.malformed(
                "columns of different lengths", offset: start.cbor.offset)
        }
        let labels = keys.map(\.description)
        (self.keys, self.labels, names) = (keys, labels, labels)
        self.columns = columns
        rowCount = counts.first ?? 0
        positions = Dictionary(
            zip(labels, labels.indices), uniquingKeysWith: { first, _ in first })
    }

    private static func column(_ reader: inout PythonReader) throws -> (Column, Int) {
        let head = try reader.cbor.peek()
        let start = reader.cbor.offset
        if head.major == .tag, head.argument == CBORTag.array {
            let array = try AnyNDArray(from: &reader)
            return (.array(array), array.shape.first ?? 0)
        }
        guard let sequence = try reader.sequence() else {
            throw WireError.malformed(
                "a column that is no list", offset: reader.cbor.offset)
        }
        switch sequence {
        case .rows: throw WireError.malformed("a table as a column", offset: start)
        case .parts(let part): return (.numbers(part), part.shape.first ?? 0)
        case .items:
            var starts: [Int] = []
            try reader.forEachItem(of: sequence) { reader, _ in
                starts.append(reader.cbor.offset)
                try reader.skip()
            }
            return (.values(starts), starts.count)
        }
    }

    /// A reader before the value of a row in a column; nil if there is no such column.
    ///
    /// - Parameter name: its label, or its label in camel case.
    func value(_ name: String, in row: Int) throws -> PythonReader? {
        guard let position = position(of: name) else { return nil }
        next = position + 1
        return try value(at: position, in: row)
    }

    func value(at position: Int, in row: Int) throws -> PythonReader {
        var reader = start
        switch columns[position] {
        case .numbers(let part):
            guard part.shape.count == 1 else {
                reader.place = .array(part.item(row))
                break
            }
            // One number, which keeps nothing alive.
            let (elements, size) = (part.elements, part.elements.type.size)
            let bytes = UnsafeRawBufferPointer(
                rebasing: elements.bytes[row * size..<(row + 1) * size])
            reader.place = .array(
                .init(
                    shape: [],
                    elements: Elements(
                        type: elements.type, isBigEndian: elements.isBigEndian, bytes: bytes)))
        case .values(let starts): reader.cbor = start.cbor.moved(to: starts[row])
        case .array(let array):
            guard array.dtype.isTime, array.shape.count == 1 else {
                return try PythonReader(array.item(row))
            }
            reader.place = .time(array.dtype, steps: array.step(at: row))
        }
        return reader
    }

    private func position(of name: String) -> Int? {
        if next < names.count, names[next] == name { return next }
        guard let position = positions[name] ?? positions[RecordReader.snakeCase(name)] else {
            return nil
        }
        positions[name] = position
        names[position] = name
        return position
    }

    func contains(_ name: String) -> Bool { position(of: name) != nil }

    /// A reader before a row.
    func row(_ index: Int) -> PythonReader {
        var reader = start
        reader.place = .row(Row(table: self, index: index))
        return reader
    }
}
