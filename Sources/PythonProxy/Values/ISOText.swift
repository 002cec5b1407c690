/// Reads and writes the parts of dates and times as ISO 8601 writes them.
struct ISOText {
    private var rest: Substring

    init(_ text: String) {
        rest = text[...]
    }

    static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }

    /// As in "+01:00".
    static func offset(_ seconds: Int) -> String {
        let distance = abs(seconds)
        let text = padded(distance / 3600) + ":" + padded(distance / 60 % 60)
        let odd = distance % 60 == 0 ? "" : ":" + padded(distance % 60)
        return (seconds < 0 ? "-" : "+") + text + odd
    }

    private mutating func number(_ width: Int) throws -> Int {
        let digits = rest.prefix(width)
        guard digits.count == width, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let number = Int(digits)
        else { throw ContentMismatch() }
        rest = rest.dropFirst(width)
        return number
    }

    private mutating func take(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func expect(_ character: Character) throws {
        guard take(character) else { throw ContentMismatch() }
    }

    func end() throws {
        guard rest.isEmpty else { throw ContentMismatch() }
    }

    mutating func date() throws -> PythonDate {
        let year = try number(4)
        try expect("-")
        let month = try number(2)
        try expect("-")
        let date = PythonDate(year: year, month: month, day: try number(2))
        // A day that does not exist would turn into another one.
        guard PythonDate(daysSince1970: date.daysSince1970) == date else { throw ContentMismatch() }
        return date
    }

    mutating func time() throws -> PythonTime {
        let hour = try number(2)
        try expect(":")
        let minute = try number(2)
        try expect(":")
        let second = try number(2)
        guard hour < 24, minute < 60, second < 60 else { throw ContentMismatch() }
        var microsecond = 0
        if take(".") {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard (1...6).contains(digits.count), let number = Int(digits) else {
                throw ContentMismatch()
            }
            rest = rest.dropFirst(digits.count)
            microsecond = (digits.count..<6).reduce(number) { number, _ in number * 10 }
        }
        return PythonTime(hour: hour, minute: minute, second: second, microsecond: microsecond)
    }

    mutating func dateTime() throws -> PythonDateTime {
        let date = try date()
        guard take("T") || take(" ") || take("t") else { throw ContentMismatch() }
        return PythonDateTime(date, try time())
    }

    /// "Z" or as in "+01:00", in seconds.
    mutating func offset() throws -> Int {
        if take("Z") || take("z") { return 0 }
        let isNegative = take("-")
        if !isNegative { try expect("+") }
        let hours = try number(2)
        try expect(":")
        let seconds = hours * 3600 + (try number(2)) * 60
        return isNegative ? -seconds : seconds
    }
}
