import ProxyWire

/// A Python `datetime.time`: a time of day.
public struct PythonTime: Sendable, Hashable {
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var microsecond: Int
    /// Nil: a naive time.
    public var zone: PythonTimeZone?
    /// 1 for the second of two equal times when clocks are set back.
    public var fold = 0

    public init(
        hour: Int, minute: Int, second: Int = 0, microsecond: Int = 0, zone: PythonTimeZone? = nil
    ) {
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
        self.zone = zone
    }

    /// As in "12:30:00.500000", without the zone.
    var localText: String {
        [hour, minute, second].map { ISOText.padded($0) }.joined(separator: ":")
            + (microsecond == 0 ? "" : "." + ISOText.padded(microsecond, 6))
    }
}

extension PythonTime: TaggedValue {
    static var tags: [UInt64] { [CBORTag.time] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.time, [.string(localText), zone?.content ?? .none, .int(fold)])
    }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(3)
        var text = ISOText(try parts[0].text())
        self = try text.time()
        try text.end()
        zone = try PythonTimeZone.zone(content: parts[1])
        fold = try parts[2].number()
    }
}
