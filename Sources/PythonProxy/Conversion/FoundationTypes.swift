import Foundation
import ProxyWire

extension UUID: PythonEncodable, PythonDecodable {
    /// Writes a UUID.
    func encode(into writer: inout PythonWriter) {
        writer.cbor.tag(CBORTag.uuid)
        withUnsafeBytes(of: uuid) { writer.cbor.bytes($0) }
    }

    /// Reads a UUID, or a str that is one.
    init(from reader: inout PythonReader) throws {
        let start = reader
        switch try PythonValue(from: &reader) {
        case .tagged(let value) where value.tag == CBORTag.uuid:
            guard case .bytes(let bytes) = value.content, bytes.count == 16 else {
                throw start.mismatch(UUID.self)
            }
            self = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
        case .string(let text):
            guard let uuid = UUID(uuidString: text) else { throw start.mismatch(UUID.self) }
            self = uuid
        default: throw start.mismatch(UUID.self)
        }
    }
}

extension Date: PythonEncodable, PythonDecodable {
    /// Writes an aware datetime in UTC, to the nearest microsecond.
    func encode(into writer: inout PythonWriter) throws {
        try PythonDateTime(self).encode(into: &writer)
    }

    /// Reads a datetime with a time zone, a pandas Timestamp, or a numpy datetime64, which is in UTC.
    init(from reader: inout PythonReader) throws {
        let start = reader
        if case .time(let dtype, let steps) = reader.place {
            self = try Self.moment(dtype, steps, start)
            reader.place = .frame
            return
        }
        var value = try PythonValue(from: &reader)
        if case .tagged(let tagged) = value {
            if PythonDateTime.tags.contains(tagged.tag) {
                self = try value.as(PythonDateTime.self).moment()
                return
            }
            value = (try? tagged.plain(asList: false)) ?? value
        }
        guard case .scalar(let array) = value, array.dtype.isTime else {
            throw start.mismatch(Date.self)
        }
        self = try Self.moment(array.dtype, array.step(at: 0), start)
    }

    private static func moment(
        _ dtype: DType, _ steps: Int64, _ start: PythonReader
    ) throws -> Date {
        guard case .datetime64(let unit) = dtype else { throw start.mismatch(Date.self) }
        guard steps != .min else {
            throw ConversionError.mismatch(
                expected: "Date", found: "NaT", remedy: "ask for an optional: Date?")
        }
        switch unit.base {
        case .years, .months:
            let (count, countOverflow) = Int(steps).multipliedReportingOverflow(by: unit.count)
            let (total, overflow) = count.multipliedReportingOverflow(
                by: unit.base == .years ? 12 : 1)
            guard !overflow, !countOverflow, total.magnitude < 12 * 200_000 else {
                throw start.mismatch(Date.self)
            }
            let year = 1970 + Int((Double(total) / 12).rounded(.down))
            let month = total - (year - 1970) * 12 + 1
            let day = PythonDate(year: year, month: month, day: 1)
            return Date(timeIntervalSince1970: Double(day.daysSince1970) * 86_400)
        default:
            guard let seconds = unit.seconds else {
                throw start.mismatch(
                    Date.self, "the dtype has no unit; give it one with astype(\"datetime64[s]\")")
            }
            return Date(timeIntervalSince1970: Double(steps) * seconds)
        }
    }
}

extension Duration: PythonEncodable, PythonDecodable {
    /// Writes a timedelta. Throws for fractions of a microsecond.
    func encode(into writer: inout PythonWriter) throws {
        try PythonTimeDelta(self).encode(into: &writer)
    }

    /// Reads a timedelta, a pandas Timedelta or a numpy timedelta64.
    init(from reader: inout PythonReader) throws {
        let start = reader
        var value = try PythonValue(from: &reader)
        if case .tagged(let tagged) = value, tagged.tag == CBORTag.duration {
            self = try value.as(PythonTimeDelta.self).duration
            return
        }
        if case .tagged(let tagged) = value {
            value = (try? tagged.plain(asList: false)) ?? value
        }
        switch value {
        case .scalar(let array):
            guard case .timedelta64(let unit) = array.dtype, let steps = array.steps.first,
                steps != .min, let length = unit.attoseconds
            else { throw start.mismatch(Duration.self) }
            let (total, overflow) = length.multipliedReportingOverflow(by: Int128(steps))
            guard !overflow else {
                throw start.mismatch(Duration.self, "the duration is too long for a Duration")
            }
            self = Duration(attoseconds: total)
        default: throw start.mismatch(Duration.self)
        }
    }
}

extension Decimal: PythonEncodable, PythonDecodable {
    /// Writes a `decimal.Decimal`.
    func encode(into writer: inout PythonWriter) throws {
        guard let value = PythonDecimal(isNaN ? "NaN" : description) else {
            throw ConversionError("\(self) is no number that Python's Decimal reads")
        }
        try value.encode(into: &writer)
    }

    /// Reads a `decimal.Decimal` or an int that 38 digits hold.
    init(from reader: inout PythonReader) throws {
        let start = reader
        let text: String
        switch try PythonValue(from: &reader) {
        case .tagged(let value) where PythonDecimal.tags.contains(value.tag):
            text = try PythonValue.tagged(value).as(PythonDecimal.self).description
        case .int(let value): text = String(value)
        case .bigInt(let value): text = value.description
        default: throw start.mismatch(Decimal.self, "convert it in Python with decimal.Decimal()")
        }
        // What does not fit is rounded: only what comes out as it went in is the same number.
        guard let value = Decimal(string: text), let written = PythonDecimal(text),
            text.lowercased().contains("nan")
                || PythonDecimal(value.description)?.isSameNumber(as: written) == true
        else {
            throw ConversionError(
                "\(text) does not fit in a Decimal without loss; ask for a PythonDecimal")
        }
        self = value
    }
}

extension URL: PythonEncodable, PythonDecodable {
    /// Writes a Path for a file, and a str for anything else.
    func encode(into writer: inout PythonWriter) throws {
        if isFileURL {
            try PythonPath(path).encode(into: &writer)
        } else {
            absoluteString.encode(into: &writer)
        }
    }

    /// Reads a Path, or a str that is a URL.
    init(from reader: inout PythonReader) throws {
        let start = reader
        switch try PythonValue(from: &reader) {
        case .tagged(let value) where value.tag == CBORTag.path:
            guard case .string(let text) = value.content else {
                throw start.mismatch(URL.self, "the name is not UTF-8; ask for PythonPath")
            }
            self.init(fileURLWithPath: text)
        case .string(let text):
            guard let url = URL(string: text) else {
                throw ConversionError("expected URL, found \(PythonRepresentation.of(text))")
            }
            self = url
        default: throw start.mismatch(URL.self)
        }
    }
}

extension Set: PythonEncodable where Element: Encodable {
    /// Writes a set, in an order that does not depend on the run.
    func encode(into writer: inout PythonWriter) throws {
        try writer.nested { writer in
            writer.cbor.tag(CBORTag.set)
            writer.cbor.array(count: count)
            for element in WrittenOrder.sorted(self) {
                try writer.encode(element, inside: .element)
            }
        }
    }
}

extension Set: PythonDecodable where Element: Decodable {
    /// Reads a set, or a list without repetitions.
    init(from reader: inout PythonReader) throws {
        let items = try [Element](from: &reader)
        self.init(items)
        guard count == items.count else {
            throw ConversionError(
                "expected \(TypeName.of(Self.self)), found a list with the same item more than once; "
                    + "ask for an Array")
        }
    }
}

#if !(os(macOS) && arch(x86_64))
    extension Float16: PythonEncodable, PythonDecodable {
        func encode(into writer: inout PythonWriter) { writer.cbor.double(Double(self)) }

        /// Reads a number and rounds it to the nearest Float16. Throws if it is out of range.
        init(from reader: inout PythonReader) throws {
            let value = try Double(from: &reader)
            self = Float16(value)
            guard isFinite == value.isFinite else {
                throw ConversionError("\(value) is out of the range of Float16; ask for a Double")
            }
        }
    }
#endif
