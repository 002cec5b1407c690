import ProxyWire

extension PythonReader {
    private static let maximumEmptyRows = 1 << 20

    /// What a list of values was made from.
    enum Sequence {
        /// Items of the frame follow one another.
        case items(CBORHead)
        /// Parts of an array, or the numbers of a typed list.
        case parts(ArrayPart)
        /// Rows of a table.
        case rows(TableReader)
    }

    /// Opens a list, a tuple or an array; nil if the next value is none of these.
    mutating func sequence() throws -> Sequence? {
        if let part {
            guard !part.shape.isEmpty else { return nil }
            place = .frame
            return .parts(part)
        }
        guard isInFrame else { return nil }
        var ahead = cbor
        let head = try ahead.head()
        switch (head.major, head.argument) {
        case (.array, _):
            cbor = ahead
            return .items(head)
        case (.tag, CBORTag.tuple):
            let array = try ahead.head()
            guard array.major == .array else {
                throw WireError.malformed("a tuple that is no array", offset: ahead.offset)
            }
            cbor = ahead
            return .items(array)
        case (.tag, CBORTag.rowMajorArray):
            let (shape, elements) = try ahead.rowMajorArray()
            guard !shape.isEmpty else { return nil }
            cbor = ahead
            return .parts(ArrayPart(shape: shape[...], elements: elements))
        case (.tag, CBORTag.table):
            cbor = ahead
            return .rows(try TableReader(&self))
        case (.tag, CBORTag.typedArrays), (.tag, CBORTag.booleanElements),
            (.tag, CBORTag.complexElements):
            let elements = try ahead.elements(tag: head.argument)
            cbor = ahead
            return .parts(ArrayPart(shape: [elements.count], elements: elements))
        default: return nil
        }
    }

    /// Calls `body` before each item of a sequence; it must read exactly that item.
    mutating func forEachItem(
        of sequence: Sequence, _ body: (inout PythonReader, Int) throws -> Void
    ) throws {
        func indexed(_ reader: inout PythonReader, _ index: Int) throws {
            try ConversionError.inside(.index(index)) { try body(&reader, index) }
        }
        switch sequence {
        case .parts(let part):
            let length = part.shape.first ?? 0
            // Rows without elements take no room in the frame: their number is bounded here.
            let rows = part.shape.prefix { $0 > 0 }.reduce((1, false)) { rows, length in
                let (product, overflow) = rows.0.multipliedReportingOverflow(by: length)
                return (product, rows.1 || overflow)
            }
            guard
                !part.elements.bytes.isEmpty || !rows.1 && rows.0 <= Self.maximumEmptyRows
            else {
                throw ConversionError(
                    "expected a list, found an array of shape \(part.shape) without elements; ask "
                        + "for an AnyNDArray"
                )
            }
            for index in 0..<length {
                place = .array(part.item(index))
                try indexed(&self, index)
            }
        case .rows(let table):
            let end = self
            for index in 0..<table.rowCount {
                self = table.row(index)
                try indexed(&self, index)
            }
            self = end
        case .items(let head):
            let count = try cbor.enter(head)
            var index = 0
            while try cbor.hasItem(index, of: count) {
                try indexed(&self, index)
                index += 1
            }
            cbor.leave()
        }
    }

    /// Goes past a sequence, and returns a reader before each of its items; nil if the next value is none.
    mutating func itemReaders() throws -> [PythonReader]? {
        guard let sequence = try sequence() else {
            guard var plain = try openPlain(asList: true) else { return nil }
            return try plain.itemReaders()
        }
        var items: [PythonReader] = []
        try forEachItem(of: sequence) { reader, _ in
            items.append(reader)
            try reader.skip()
        }
        return items
    }

    /// Calls `body` before each key of a dict, whose type has been checked; it must read the key and the
    /// value.
    mutating func forEachEntry(_ body: (inout PythonReader) throws -> Void) throws {
        let head = try cbor.head()
        let count = try cbor.enter(head)
        var index = 0
        while try cbor.hasItem(index, of: count) {
            try body(&self)
            index += 1
        }
        cbor.leave()
    }
}
