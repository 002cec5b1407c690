import ProxyWire

/// A Python `datetime.timedelta`. Swift's `Duration` can be used instead.
public struct PythonTimeDelta: Sendable, Hashable {
    /// Whole seconds, rounded down.
    public var seconds: Int
    /// 0 to 999,999.
    public var microseconds: Int

    public init(seconds: Int, microseconds: Int = 0) {
        self.seconds = seconds
        self.microseconds = microseconds
    }

    /// - Throws: `ConversionError` for a duration that is no whole number of microseconds.
    public init(_ duration: Duration) throws {
        let (seconds, attoseconds) = duration.components
        let (microseconds, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000)
        guard rest == 0 else {
            throw ConversionError(
                "\(duration) is no whole number of microseconds, which is what a timedelta has")
        }
        let isNegative = microseconds < 0
        self.init(
            seconds: Int(seconds) - (isNegative ? 1 : 0),
            microseconds: Int(microseconds) + (isNegative ? 1_000_000 : 0))
    }

    public var duration: Duration {
        .seconds(seconds) + .microseconds(microseconds)
    }
}

extension PythonTimeDelta: TaggedValue {
    static var tags: [UInt64] { [CBORTag.duration] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.duration, [1: .int(seconds), -6: .int(microseconds)])
    }

    init(tag: UInt64, content: PythonValue) throws {
        let fields = try content.fields()
        self.init(
            seconds: try (fields[1] ?? 0).number(), microseconds: try (fields[-6] ?? 0).number())
    }
}
