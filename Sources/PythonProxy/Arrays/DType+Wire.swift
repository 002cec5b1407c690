import ProxyWire

extension DType {
    /// numpy's codes of the numbers, of which all are little-endian on the wire.
    private static let codes: [(code: String, type: ElementType)] = [
        ("|b1", .bool), ("|i1", .int8), ("<i2", .int16), ("<i4", .int32), ("<i8", .int64),
        ("|u1", .uint8), ("<u2", .uint16), ("<u4", .uint32), ("<u8", .uint64),
        ("<f2", .float16), ("<f4", .float32), ("<f8", .float64),
        ("<c8", .complex64), ("<c16", .complex128),
    ]

    /// How the dtype is written in front of an array's elements.
    var content: PythonValue {
        switch self {
        case .datetime64(let unit): .string("<M8" + (unit.base == nil ? "" : "[\(unit)]"))
        case .timedelta64(let unit): .string("<m8" + (unit.base == nil ? "" : "[\(unit)]"))
        case .bytes, .str, .void: .string(description)
        case .structured(let type): type.content
        default: .string(Self.codes.first { $0.type == element }?.code ?? "")
        }
    }

    init(content: PythonValue) throws {
        guard case .string(let text) = content else {
            self = .structured(try StructuredDType(content: content))
            return
        }
        if let (_, type) = Self.codes.first(where: { $0.code == text }) {
            self.init(type)
            return
        }
        let rest = text.dropFirst(2)
        // A length that no memory has would overflow sizes.
        let length = Int(rest).flatMap { (0...1 << 40).contains($0) ? $0 : nil }
        switch (text.prefix(2), length) {
        case ("|S", let length?): self = .bytes(length: length)
        case ("<U", let length?): self = .str(length: length)
        case ("|V", let length?): self = .void(length: length)
        case ("<M", _): self = .datetime64(try Self.unit(rest))
        case ("<m", _): self = .timedelta64(try Self.unit(rest))
        default: throw ConversionError("an array of dtype \(text) is not known here")
        }
    }

    /// Reads "8[ns]" or "8".
    private static func unit(_ text: Substring) throws -> TimeUnit {
        if text == "8" { return TimeUnit(nil) }
        guard text.hasPrefix("8["), text.hasSuffix("]"),
            let unit = TimeUnit(text.dropFirst(2).dropLast())
        else { throw ContentMismatch() }
        return unit
    }
}
