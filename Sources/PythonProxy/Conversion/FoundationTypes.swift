import Foundation
import ProxyWire

extension UUID: PythonEncodable, PythonDecodable {
    /// Writes a UUID.
    public func encode(into writer: inout PythonWriter) {
        writer.cbor.tag(CBORTag.uuid)
        withUnsafeBytes(of: uuid) { writer.cbor.bytes($0) }
    }

    /// Reads a UUID, or a str that is one.
    public init(from reader: inout PythonReader) throws {
        let start = reader
        guard reader.part == nil, let head = try? reader.cbor.peek() else {
            throw start.mismatch(UUID.self)
        }
        if head.major == .tag, head.argument == CBORTag.uuid {
            _ = try reader.cbor.head()
            let bytes = try reader.cbor.byteString()
            guard bytes.count == 16 else { throw start.mismatch(UUID.self) }
            self = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
            return
        }
        guard head.major == .text, let uuid = UUID(uuidString: try reader.cbor.text()) else {
            throw start.mismatch(UUID.self)
        }
        self = uuid
    }
}

extension Date: PythonEncodable, PythonDecodable {
    /// Writes an aware datetime in UTC, to the nearest microsecond.
    public func encode(into writer: inout PythonWriter) throws {
        try PythonDateTime(self).encode(into: &writer)
    }

    /// Reads a datetime with a time zone, a pandas Timestamp, or a numpy datetime64, which is in UTC.
    public init(from reader: inout PythonReader) throws {
        let start = reader
        let value = try PythonValue(from: &reader)
        switch value {
        case .datetime(let value): self = try value.moment()
        case .scalar(let array): self = try Self.moment(of: array, start)
        case .pandas(let object):
            guard case .scalar(let array) = try object.view() else {
                throw start.mismatch(Date.self)
            }
            self = try Self.moment(of: array, start)
        default: throw start.mismatch(Date.self)
        }
    }

    private static func moment(of array: AnyNDArray, _ start: PythonReader) throws -> Date {
        guard case .datetime64(let unit) = array.dtype, let steps = array.steps.first,
            steps != .min
        else { throw start.mismatch(Date.self, "NaT is no moment; ask for an optional") }
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
                throw start.mismatch(Date.self, "its dtype has no unit")
            }
            return Date(timeIntervalSince1970: Double(steps) * seconds)
        }
    }
}

extension Duration: PythonEncodable, PythonDecodable {
    /// Writes a timedelta. Throws for fractions of a microsecond.
    public func encode(into writer: inout PythonWriter) throws {
        try PythonTimeDelta(self).encode(into: &writer)
    }

    /// Reads a timedelta, a pandas Timedelta or a numpy timedelta64.
    public init(from reader: inout PythonReader) throws {
        let start = reader
        var value = try PythonValue(from: &reader)
        if case .pandas(let object) = value { value = try object.view() }
        switch value {
        case .timedelta(let value): self = value.duration
        case .scalar(let array):
            guard case .timedelta64(let unit) = array.dtype, let steps = array.steps.first,
                steps != .min, let length = unit.attoseconds
            else { throw start.mismatch(Duration.self) }
            let (total, overflow) = length.multipliedReportingOverflow(by: Int128(steps))
            guard !overflow else { throw start.mismatch(Duration.self, "it is too long") }
            self = Duration(attoseconds: total)
        default: throw start.mismatch(Duration.self)
        }
    }
}

extension Decimal: PythonEncodable, PythonDecodable {
    /// Writes a `decimal.Decimal`.
    public func encode(into writer: inout PythonWriter) throws {
        guard let value = PythonDecimal(isNaN ? "NaN" : description) else {
            throw ConversionError("\(self) is no number that Python's Decimal reads")
        }
        try value.encode(into: &writer)
    }

    /// Reads a `decimal.Decimal` or an int that 38 digits hold.
    public init(from reader: inout PythonReader) throws {
        let start = reader
        let text: String
        switch try PythonValue(from: &reader) {
        case .decimal(let value): text = value.description
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
    public func encode(into writer: inout PythonWriter) throws {
        if isFileURL {
            try PythonPath(path).encode(into: &writer)
        } else {
            absoluteString.encode(into: &writer)
        }
    }

    /// Reads a Path, or a str that is a URL.
    public init(from reader: inout PythonReader) throws {
        let start = reader
        switch try PythonValue(from: &reader) {
        case .path(let path):
            guard let text = path.string else {
                throw start.mismatch(URL.self, "its name is not UTF-8")
            }
            self.init(fileURLWithPath: text)
        case .string(let text):
            guard let url = URL(string: text) else {
                throw ConversionError("\(PythonRepresentation.of(text)) is no URL")
            }
            self = url
        default: throw start.mismatch(URL.self)
        }
    }
}

extension Set: PythonEncodable where Element: Encodable {
    /// Writes a set, in an order that does not depend on the run.
    public func encode(into writer: inout PythonWriter) throws {
        try writer.nested { writer in
            writer.cbor.tag(CBORTag.set)
            writer.cbor.array(count: count)
            for element in WrittenOrder.sorted(self) {
                try writer.encode(element, inside: "{…}")
            }
        }
    }
}

extension Set: PythonDecodable where Element: Decodable {
    /// Reads a set, or a list without repetitions.
    public init(from reader: inout PythonReader) throws {
        let start = reader
        let items = try [Element](from: &reader)
        self.init(items)
        guard count == items.count else {
            throw start.mismatch(Self.self, "it has the same item more than once")
        }
    }
}

#if !(os(macOS) && arch(x86_64))
    extension Float16: PythonEncodable, PythonDecodable {
        public func encode(into writer: inout PythonWriter) { writer.cbor.double(Double(self)) }

        /// Reads a number and rounds it to the nearest Float16. Throws if it is out of range.
        public init(from reader: inout PythonReader) throws {
            let value = try Double(from: &reader)
            self = Float16(value)
            guard isFinite == value.isFinite else {
                throw ConversionError("\(value) is out of the range of Float16; ask for a Double")
            }
        }
    }
#endif
