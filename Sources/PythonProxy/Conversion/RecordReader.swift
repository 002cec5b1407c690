import ProxyWire

/// The values of a record by their names: the entries of a dict, or the row of a table.
///
/// A name that is not there is looked for in snake case, too: `passengerCount` is `passenger_count` in Python.
struct RecordReader {
    private let source: Source

    private enum Source {
        case entries(Entries)
        case row(TableReader.Row)
    }

    /// Where the values start, in the order in which they came.
    private final class Entries {
        let start: PythonReader
        let names: [String]
        let offsets: [Int]
        /// Made when names are asked for in another order than they came in.
        lazy var positions = Dictionary(
            zip(names, names.indices), uniquingKeysWith: { _, last in last })
        private var next = 0

        init(_ start: PythonReader, names: [String], offsets: [Int]) {
            (self.start, self.names, self.offsets) = (start, names, offsets)
        }

        func position(of name: String) -> Int? {
            if next < names.count, names[next] == name {
                next += 1
                return next - 1
            }
            let position = positions[name] ?? positions[RecordReader.snakeCase(name)]
            if let position { next = position + 1 }
            return position
        }
    }

    /// - Returns: nil if the next value is no record and has no plain form that is one.
    init?(_ reader: PythonReader) throws {
        guard let source = try Self.source(reader) else { return nil }
        self.source = source
    }

    private static func source(_ reader: PythonReader) throws -> Source? {
        if let row = reader.row { return .row(row) }
        var reader = reader
        guard reader.isInFrame, try reader.cbor.peek().major == .map else {
            return try reader.openPlain(asList: false).flatMap { try source($0) }
        }
        let start = reader
        var names: [String] = []
        var offsets: [Int] = []
        try reader.forEachEntry { reader in
            if try reader.cbor.peek().major == .text {
                names.append(try reader.cbor.text())
            } else if case .int(let key) = try PythonValue(from: &reader) {
                names.append(String(key))
            } else {
                return try reader.skip()
            }
            offsets.append(reader.cbor.offset)
            try reader.skip()
        }
        return .entries(Entries(start, names: names, offsets: offsets))
    }

    /// A reader before a value; nil if there is none of this name.
    func value(_ name: String) throws -> PythonReader? {
        switch source {
        case .row(let row): return try row.table.value(name, in: row.index)
        case .entries(let entries):
            guard let position = entries.position(of: name) else { return nil }
            var reader = entries.start
            reader.cbor = reader.cbor.moved(to: entries.offsets[position])
            return reader
        }
    }

    func contains(_ name: String) -> Bool {
        switch source {
        case .row(let row): row.table.contains(name)
        case .entries(let entries): entries.position(of: name) != nil
        }
    }

    var names: [String] {
        switch source {
        case .row(let row): row.table.labels
        case .entries(let entries): entries.names
        }
    }

    /// As Foundation's `convertToSnakeCase`, of ASCII letters: `myURLProperty` is `my_url_property`.
    static func snakeCase(_ name: String) -> String {
        func isUpper(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
        guard name.utf8.contains(where: isUpper) else { return name }
        let bytes = Array(name.utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            guard isUpper(byte) else {
                text.append(byte)
                continue
            }
            if index > 0, bytes[index - 1] != UInt8(ascii: "_") {
                let followsLower = !isUpper(bytes[index - 1])
                let precedesLower =
                    index + 1 < bytes.count && (97...122).contains(bytes[index + 1])
                if followsLower || precedesLower { text.append(UInt8(ascii: "_")) }
            }
            text.append(byte + 32)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
