import PythonProxy

extension PythonValue {
    /// The value as JSON, as Python's json module writes it.
    ///
    /// Tuples and arrays become lists; complex numbers become [real, imaginary]; bytes become a list of
    /// numbers, sets lists, dates and other numbers texts, dataclasses and DataFrames objects, objects of COMPAS what
    /// COMPAS writes. As in Python, NaN and the infinities are written as NaN and Infinity, which strict readers
    /// refuse.
    var json: String {
        switch self {
        case .none: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .bigInt(let value): value.description
        case .double(let value): Self.json(value)
        case .complex(let value): "[\(Self.json(value.real)), \(Self.json(value.imaginary))]"
        case .string(let value): Self.json(value)
        case .bytes(let value): "[" + value.map(String.init).joined(separator: ", ") + "]"
        case .list(let items), .tuple(let items):
            "[" + items.map(\.json).joined(separator: ", ") + "]"
        case .dictionary(let entries):
            "{"
                + entries.map { "\(Self.json($0.key.keyText)): \($0.value.json)" }
                .joined(separator: ", ") + "}"
        case .array(let array):
            Self.json(shape: array.shape[...], elements: array.elementValues[...])
        case .tagged: compasObject?.json ?? simplified.json
        case .set, .frozenset, .scalar, .object, .opaque: simplified.json
        }
    }

    /// An object of COMPAS as COMPAS writes it.
    private var compasObject: PythonValue? {
        guard let object = try? self.as(CompasData.self) else { return nil }
        var entries: PythonDictionary = ["dtype": .string(object.dtype), "data": object.data]
        if let guid = object.guid { entries["guid"] = .string(guid.uuidString.lowercased()) }
        if let name = object.name { entries["name"] = .string(name) }
        return .dictionary(entries)
    }

    private static func json(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return PythonValue.double(value).description
    }

    private static func json(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    private static func json(
        shape: ArraySlice<Int>, elements: ArraySlice<PythonValue>
    ) -> String {
        guard let length = shape.first else { return elements.first?.json ?? "null" }
        let stride = length == 0 ? 0 : elements.count / length
        // Rows without elements may be any number.
        let rows = elements.isEmpty ? Swift.min(length, 1 << 20) : length
        return "["
            + (0..<rows).map { index in
                let start = elements.startIndex + index * stride
                return json(shape: shape.dropFirst(), elements: elements[start..<start + stride])
            }.joined(separator: ", ") + "]"
    }

    /// The value as the key of a JSON object: as Python's json module does it, and by its representation
    /// where that refuses.
    private var keyText: String {
        switch self {
        case .string(let text): text
        case .none, .bool, .int, .bigInt, .double: json
        default: description
        }
    }
}
