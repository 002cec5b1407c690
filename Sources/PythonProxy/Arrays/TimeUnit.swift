/// What one step of a numpy datetime64 or timedelta64 is: a number of days, of nanoseconds and so on.
public struct TimeUnit: Sendable, Hashable, CustomStringConvertible {
    /// As numpy abbreviates it.
    public enum Base: String, Sendable, CaseIterable {
        case years = "Y"
        case months = "M"
        case weeks = "W"
        case days = "D"
        case hours = "h"
        case minutes = "m"
        case seconds = "s"
        case milliseconds = "ms"
        case microseconds = "us"
        case nanoseconds = "ns"
        case picoseconds = "ps"
        case femtoseconds = "fs"
        case attoseconds = "as"
    }

    /// Nil: numpy's generic unit, which is none.
    public var base: Base?
    /// How many of the base are one step.
    public var count: Int

    public init(_ base: Base?, count: Int = 1) {
        self.base = base
        self.count = count
    }

    /// Reads what stands in the brackets of a dtype: "ns", "25s".
    init?(_ text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let base = Base(rawValue: String(text.dropFirst(digits.count))),
            let count = digits.isEmpty ? 1 : Int(digits), count > 0
        else { return nil }
        self.init(base, count: count)
    }

    public var description: String { (count == 1 ? "" : "\(count)") + (base?.rawValue ?? "") }

    /// The length of a step; nil for months, years and generic steps, which have none.
    var attoseconds: Int128? {
        let second: Int128 = 1_000_000_000_000_000_000
        let length: Int128? =
            switch base {
            case nil, .years, .months: nil
            case .weeks: 604_800 * second
            case .days: 86_400 * second
            case .hours: 3600 * second
            case .minutes: 60 * second
            case .seconds: second
            case .milliseconds: second / 1000
            case .microseconds: second / 1_000_000
            case .nanoseconds: 1_000_000_000
            case .picoseconds: 1_000_000
            case .femtoseconds: 1000
            case .attoseconds: 1
            }
        guard let (total, overflow) = length?.multipliedReportingOverflow(by: Int128(count)),
            !overflow
        else { return nil }
        return total
    }

    /// The same in seconds.
    var seconds: Double? {
        let length: Double? =
            switch base {
            case nil, .years, .months: nil
            case .weeks: 604_800
            case .days: 86_400
            case .hours: 3600
            case .minutes: 60
            case .seconds: 1
            case .milliseconds: 1e-3
            case .microseconds: 1e-6
            case .nanoseconds: 1e-9
            case .picoseconds: 1e-12
            case .femtoseconds: 1e-15
            case .attoseconds: 1e-18
            }
        return length.map { $0 * Double(count) }
    }
}

extension TimeUnit {
    /// A datetime64 as numpy shows it, in quotes; as a number of steps for units that are hardly used.
    func text(of steps: Int64) -> String {
        if steps == .min { return "'NaT'" }
        let (value, overflow) = Int(steps).multipliedReportingOverflow(by: count)
        let perDay: Int? =
            switch base {
            case .hours: 24
            case .minutes: 1440
            case .seconds: 86_400
            case .milliseconds: 86_400_000
            case .microseconds: 86_400_000_000
            case .nanoseconds: 86_400_000_000_000
            default: nil
            }
        switch base {
        case .days where !overflow && value.magnitude < 1_000_000:
            return "'\(PythonDate(daysSince1970: value))'"
        default:
            guard let perDay, !overflow, (value / perDay).magnitude < 1_000_000 else {
                return "'\(steps) \(self)'"
            }
            var (days, rest) = value.quotientAndRemainder(dividingBy: perDay)
            if rest < 0 {
                days -= 1
                rest += perDay
            }
            return "'\(PythonDate(daysSince1970: days))T\(Self.time(rest, perDay: perDay))'"
        }
    }

    private static func time(_ steps: Int, perDay: Int) -> String {
        if perDay == 24 { return ISOText.padded(steps) }
        let perMinute = perDay / 1440
        let minutes =
            ISOText.padded(steps / (60 * perMinute)) + ":" + ISOText.padded(steps / perMinute % 60)
        if perDay == 1440 { return minutes }
        let perSecond = perDay / 86_400
        let seconds = minutes + ":" + ISOText.padded(steps / perSecond % 60)
        let digits = String(perSecond).count - 1
        return digits == 0 ? seconds : seconds + "." + ISOText.padded(steps % perSecond, digits)
    }
}
