extension PythonValue: CustomStringConvertible {
    /// The value as Python's `repr` would show it.
    public var description: String {
        switch self {
        case .none: "None"
        case .bool(let value): value ? "True" : "False"
        case .int(let value): String(value)
        case .bigInt(let value): value.description
        case .double(let value): PythonRepresentation.of(value)
        case .complex(let value): PythonRepresentation.of(value)
        case .string(let value): PythonRepresentation.of(value)
        case .bytes(let value): PythonRepresentation.of(value)
        case .list(let items): "[" + items.map(\.description).joined(separator: ", ") + "]"
        case .tuple(let items):
            "(" + items.map(\.description).joined(separator: ", ") + (items.count == 1 ? ",)" : ")")
        case .dictionary(let entries):
            "{" + entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
        case .array(let array): array.description
        case .scalar(let array): array.elementDescriptions.first ?? ""
        case .bytearray(let bytes): "bytearray(\(PythonRepresentation.of(bytes)))"
        case .memoryview(let view): "memoryview(\(PythonRepresentation.of(view.bytes)))"
        case .set(let items):
            items.isEmpty
                ? "set()" : "{" + items.map(\.description).sorted().joined(separator: ", ") + "}"
        case .frozenset(let items):
            "frozenset({" + items.map(\.description).sorted().joined(separator: ", ") + "})"
        case .range(let range): range.description
        case .slice(let slice): slice.description
        case .decimal(let value): "Decimal('\(value)')"
        case .fraction(let value): "Fraction(\(value.numerator), \(value.denominator))"
        case .datetime(let value): "datetime(\(value))"
        case .date(let value): "date(\(value))"
        case .time(let value): "time(\(value.localText))"
        case .timedelta(let value): "timedelta(\(value.duration))"
        case .uuid(let value): "UUID('\(value.uuidString.lowercased())')"
        case .path(let value): "Path(\(PythonRepresentation.of(value.description)))"
        case .enumeration(let value): value.description
        case .namedTuple(let value): value.description
        case .dataclass(let value): value.description
        case .namespace(let fields): "namespace(\(PythonValue.dictionary(fields)))"
        case .maskedArray(let array):
            "masked_array(data=\(array.data), mask=\(array.mask?.description ?? "False"))"
        case .sparseArray(let array): "sparse(shape=\(array.shape), data=\(array.data))"
        case .dataFrame(let frame):
            "DataFrame(columns=\(frame.columnLabels), index=\(frame.index))"
        case .series(let series): "Series(\(series.values), index=\(series.index))"
        case .pandas(let object): "\(object.kind.rawValue)(\(object.parts))"
        case .compas(let object): "<\(object.dtype) \(object.data)>"
        case .opaque(let value): value.description
        }
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
