import Foundation

extension PythonValue: CustomStringConvertible, CustomDebugStringConvertible {
    /// The value as Python's `str` shows it, which is what `print` prints.
    public var description: String {
        switch self {
        case .string(let text): text
        case .array(let array): array.description
        case .scalar(let array):
            array.elementDescriptions.first?.trimmingCharacters(in: ["'"]) ?? ""
        case .tagged(let value): value.description
        default: debugDescription
        }
    }

    /// The value as Python's `repr` shows it: a text in quotes, an array with its dtype.
    public var debugDescription: String {
        switch self {
        case .none: "None"
        case .bool(let value): value ? "True" : "False"
        case .int(let value): String(value)
        case .bigInt(let value): value.description
        case .double(let value): PythonRepresentation.of(value)
        case .complex(let value): PythonRepresentation.of(value)
        case .string(let value): PythonRepresentation.of(value)
        case .bytes(let value): PythonRepresentation.of(value)
        case .list(let items): "[\(Self.joined(items))]"
        case .tuple(let items): "(\(Self.joined(items))\(items.count == 1 ? ",)" : ")")"
        case .dictionary(let entries):
            "{"
                + entries.map { "\($0.key.debugDescription): \($0.value.debugDescription)" }
                .joined(separator: ", ") + "}"
        case .set(let items):
            items.isEmpty ? "set()" : "{\(Self.joined(WrittenOrder.sorted(items)))}"
        case .frozenset(let items):
            items.isEmpty
                ? "frozenset()" : "frozenset({\(Self.joined(WrittenOrder.sorted(items)))})"
        case .array(let array): array.debugDescription
        case .scalar(let array):
            array.dtype == .bool
                ? "np.\(array.elementDescriptions.first ?? "")_"
                : "np.\(array.dtype.scalarName)(\(array.elementDescriptions.first ?? ""))"
        case .tagged(let value): value.debugDescription
        case .object(let value): value.reference.description
        case .opaque(let value): value.description
        }
    }

    private static func joined(_ items: [PythonValue]) -> String {
        items.map(\.debugDescription).joined(separator: ", ")
    }
}

/// How Python writes values.
enum PythonRepresentation {
    static func of(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        // Both languages print the shortest digits that read back as the same number; the exponent
        // is written and begins differently.
        let text = "\(value)"
        guard let exponentMark = text.firstIndex(of: "e") else {
            return abs(value) >= 1e16 ? scientific(text) : text
        }
        var mantissa = String(text[..<exponentMark])
        if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
        let exponent = text[text.index(after: exponentMark)...]
        let digits = exponent.drop { $0 == "-" || $0 == "+" }
        let sign = exponent.hasPrefix("-") ? "-" : "+"
        return mantissa + "e" + sign + (digits.count < 2 ? "0" + digits : digits)
    }

    /// Writes a large whole number, which Swift prints in full, with an exponent.
    private static func scientific(_ text: String) -> String {
        let isNegative = text.hasPrefix("-")
        var digits = text.prefix { $0 != "." }.drop { $0 == "-" }
        let exponent = digits.count - 1
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        let fraction = digits.dropFirst()
        return (isNegative ? "-" : "") + digits.prefix(1)
            + (fraction.isEmpty ? "" : "." + fraction) + "e+\(exponent)"
    }

    static func of(_ value: Complex<Double>) -> String {
        func part(_ number: Double) -> String {
            let text = of(number)
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        let imaginary = part(value.rawStorage.y)
        if value.rawStorage.x == 0, value.rawStorage.x.sign == .plus { return imaginary + "j" }
        let sign = imaginary.hasPrefix("-") ? "" : "+"
        return "(" + part(value.rawStorage.x) + sign + imaginary + "j)"
    }

    static func of(_ string: String) -> String {
        let quote: Character = string.contains("'") && !string.contains("\"") ? "\"" : "'"
        var text = String(quote)
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where Character(scalar) == quote: text += "\\" + String(quote)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                text += "\\x" + hexadecimal(UInt8(scalar.value))
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + String(quote)
    }

    static func of(_ bytes: [UInt8]) -> String {
        let hasQuote = bytes.contains(UInt8(ascii: "'")) && !bytes.contains(UInt8(ascii: "\""))
        let quote = hasQuote ? "\"" : "'"
        return bytes.reduce(into: "b" + quote) { text, byte in
            switch byte {
            case UInt8(ascii: "\\"): text += "\\\\"
            case UInt8(ascii: "\n"): text += "\\n"
            case UInt8(ascii: "\r"): text += "\\r"
            case UInt8(ascii: "\t"): text += "\\t"
            case UInt8(ascii: "'") where !hasQuote: text += "\\'"
            case 0x20..<0x7F: text.unicodeScalars.append(UnicodeScalar(byte))
            default: text += "\\x" + hexadecimal(byte)
            }
        } + quote
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
