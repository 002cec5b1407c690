import Foundation

/// The elements of an array as numpy shows them, all of one width.
enum ElementFormat {
    /// - Parameter positions: of the elements that are wanted, in row-major order.
    static func words(of array: AnyNDArray, at positions: [Int]) -> [String] {
        let values = array.values(at: positions)
        switch array.dtype {
        case .float16, .float32, .float64:
            return floats(values.map { if case .double(let value) = $0 { value } else { .nan } })
        case .complex64, .complex128:
            let numbers = values.map { value in
                if case .complex(let number) = value { number } else { Complex<Double>.zero }
            }
            let real = floats(numbers.map(\.rawStorage.x))
            let imaginary = floats(numbers.map(\.rawStorage.y), showsPlus: true)
            return zip(real, imaginary).map { real, imaginary in
                let digits = imaginary.trimmingCharacters(in: .whitespaces)
                let padding = imaginary.count - imaginary.drop { $0 == " " }.count
                let trailing = imaginary.count - padding - digits.count
                return real + String(repeating: " ", count: padding) + digits + "j"
                    + String(repeating: " ", count: trailing)
            }
        case .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
            return aligned(values.map(\.description))
        case .datetime64, .timedelta64:
            return aligned(array.stepDescriptions(at: positions))
        case .bytes, .str, .void, .structured: return values.map(\.debugDescription)
        }
    }

    private static func aligned(_ words: [String]) -> [String] {
        let width = words.map(\.count).max() ?? 0
        return words.map { String(repeating: " ", count: width - $0.count) + $0 }
    }

    private static func floats(_ values: [Double], showsPlus: Bool = false) -> [String] {
        let magnitudes = values.filter { $0.isFinite && $0 != 0 }.map(abs)
        let largest = magnitudes.max() ?? 1
        let smallest = magnitudes.min() ?? 1
        let isScientific = largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000
        let parts = values.map { part($0, isScientific, showsPlus) }
        let whole = parts.filter(\.isFinite).map(\.whole.count).max() ?? 0
        let fraction = parts.filter(\.isFinite).map(\.fraction.count).max() ?? 0
        let exponent = parts.map(\.exponent.count).max() ?? 0
        let hasFinite = parts.contains(where: \.isFinite)
        let special = parts.filter { !$0.isFinite }.map(\.whole.count).max() ?? 0
        let width = max(hasFinite ? whole + 1 + fraction + exponent : 0, special)
        return parts.map { part in
            guard part.isFinite else {
                return String(repeating: " ", count: width - part.whole.count) + part.whole
            }
            // Digits behind the point are filled up with spaces, before an exponent with zeros.
            let missing = String(
                repeating: isScientific ? "0" : " ", count: fraction - part.fraction.count)
            let text = part.whole + "." + part.fraction + missing + part.exponent
            return String(repeating: " ", count: width - text.count) + text
        }
    }

    private struct Part {
        /// With the sign; "nan" or "inf" for what is no number.
        var whole: String
        var fraction = ""
        /// "e+08".
        var exponent = ""
        var isFinite = true
    }

    private static func part(_ value: Double, _ isScientific: Bool, _ showsPlus: Bool) -> Part {
        let plus = showsPlus && value.sign == .plus ? "+" : ""
        guard value.isFinite else {
            let text = value.isNaN ? "nan" : value < 0 ? "-inf" : plus + "inf"
            return Part(whole: showsPlus && value.isNaN ? "+nan" : text, isFinite: false)
        }
        let text = digits(value, isScientific)
        let mantissa = text.prefix { $0 != "e" }
        let numbers = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = String(numbers.count > 1 ? numbers[1] : "")
        let trimmed = String(fraction.reversed().drop { $0 == "0" }.reversed())
        return Part(
            whole: plus + numbers[0], fraction: trimmed,
            exponent: String(text.dropFirst(mantissa.count)))
    }

    /// The shortest digits that read back as the same number, eight behind the point at most.
    private static func digits(_ value: Double, _ isScientific: Bool) -> String {
        let format = isScientific ? "%.*e" : "%.*f"
        for precision in 0..<8 {
            let text = String(format: format, precision, value)
            if Double(text) == value { return text }
        }
        return String(format: format, 8, value)
    }
}
