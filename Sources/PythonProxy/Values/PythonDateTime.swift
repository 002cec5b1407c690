import Foundation
import ProxyWire

/// A Python `datetime.datetime`, as it was written: with a zone or without.
///
/// For a moment in time ask for a `Date`, which a datetime with a zone can be read as.
public struct PythonDateTime: Sendable, Hashable {
    public var date: PythonDate
    /// The time of day, with the zone.
    public var time: PythonTime

    public init(_ date: PythonDate, _ time: PythonTime) {
        self.date = date
        self.time = time
    }

    /// Nil: a naive datetime.
    public var zone: PythonTimeZone? { time.zone }

    /// Microseconds from the start of 1970 by the clock that the datetime was read from.
    private var localMicroseconds: Int {
        let seconds =
            date.daysSince1970 * 86_400 + time.hour * 3600 + time.minute * 60 + time.second
        return seconds * 1_000_000 + time.microsecond
    }

    private init(localMicroseconds: Int, zone: PythonTimeZone?) {
        func divided(_ value: Int, by divisor: Int) -> (Int, Int) {
            let remainder = value % divisor
            return remainder < 0
                ? (value / divisor - 1, remainder + divisor) : (value / divisor, remainder)
        }
        let (seconds, microsecond) = divided(localMicroseconds, by: 1_000_000)
        let (days, second) = divided(seconds, by: 86_400)
        self.init(
            PythonDate(daysSince1970: days),
            PythonTime(
                hour: second / 3600, minute: second / 60 % 60, second: second % 60,
                microsecond: microsecond, zone: zone))
    }

    /// A moment as an aware datetime in UTC, to the nearest microsecond.
    ///
    /// - Throws: `ConversionError` for a year before 1 or after 9999, which Python has not.
    public init(_ date: Date) throws {
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        // The years that Python has.
        guard (-62_135_596_800_000_000..<253_402_300_800_000_000).contains(microseconds) else {
            throw ConversionError(
                "the date \(date.timeIntervalSince1970) seconds from 1970 is outside of the years "
                    + "1 to 9999")
        }
        self.init(localMicroseconds: Int(microseconds), zone: .utc)
    }

    /// The moment. A naive datetime is in UTC, as in numpy and pandas.
    ///
    /// - Throws: `ConversionError` for a zone that this system does not know.
    public func moment() throws -> Date {
        let local = Double(localMicroseconds) / 1_000_000
        switch zone {
        case nil: return Date(timeIntervalSince1970: local)
        case .offset(let seconds, _):
            return Date(timeIntervalSince1970: local - Double(seconds))
        case .named(let name):
            guard let zone = TimeZone(identifier: name) else {
                throw ConversionError("the time zone \(name) is not known here")
            }
            // Of two moments with this local time the earlier one has the larger offset.
            let offsets = [-86_400.0, 86_400].map {
                zone.secondsFromGMT(for: Date(timeIntervalSince1970: local + $0))
            }
            let moments = [offsets.max() ?? 0, offsets.min() ?? 0]
                .map { Date(timeIntervalSince1970: local - Double($0)) }
                .filter { $0.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: $0)) == local }
            let first = Date(timeIntervalSince1970: local - Double(offsets[0]))
            return (time.fold == 0 ? moments.first : moments.last) ?? first
        }
    }
}

extension PythonDateTime: CustomStringConvertible {
    /// As Python's `isoformat`, with the name of a zone in brackets.
    public var description: String {
        let zoneText =
            switch zone {
            case nil: ""
            case .offset(let seconds, _): ISOText.offset(seconds)
            case .named(let name): "[\(name)]"
            }
        return "\(date)T\(time.localText)\(zoneText)"
    }
}

extension PythonDateTime: TaggedValue {
    static var tags: [UInt64] { [CBORTag.dateTimeText, CBORTag.dateTime] }

    var tagged: (tag: UInt64, content: PythonValue) {
        if case .offset(let seconds, nil) = zone, seconds.isMultiple(of: 60), time.fold == 0 {
            return (CBORTag.dateTimeText, .string(description))
        }
        let text = "\(date)T\(time.localText)"
        return (
            CBORTag.dateTime, [.string(text), zone?.content ?? .none, .int(time.fold)]
        )
    }

    init(tag: UInt64, content: PythonValue) throws {
        if tag == CBORTag.dateTimeText {
            var text = ISOText(try content.text())
            self = try text.dateTime()
            time.zone = .offset(seconds: try text.offset())
            try text.end()
            return
        }
        let parts = try content.items(3)
        var text = ISOText(try parts[0].text())
        self = try text.dateTime()
        try text.end()
        time.zone = try PythonTimeZone.zone(content: parts[1])
        time.fold = try parts[2].number()
    }
}
