import ProxyWire

/// A CBOR item as a tree, for tests: read with the package's reader, written with its writer.
indirect enum DiagnosticItem {
    case unsigned(UInt64)
    case negative(UInt64)
    case bytes([[UInt8]], isIndefinite: Bool)
    case text([String], isIndefinite: Bool)
    case array([DiagnosticItem], isIndefinite: Bool)
    case map([(DiagnosticItem, DiagnosticItem)], isIndefinite: Bool)
    case tag(UInt64, DiagnosticItem)
    case simple(CBORHead)

    init(from reader: inout CBORReader) throws {
        let head = try reader.head()
        switch head.major {
        case .unsigned: self = .unsigned(head.argument)
        case .negative: self = .negative(head.argument)
        case .bytes:
            var chunks: [[UInt8]] = []
            try reader.chunks(of: head) { chunks.append(Array($0)) }
            self = .bytes(chunks, isIndefinite: head.isIndefinite)
        case .text:
            var chunks: [String] = []
            try reader.chunks(of: head) { chunks.append(String(decoding: $0, as: UTF8.self)) }
            self = .text(chunks, isIndefinite: head.isIndefinite)
        case .array:
            var items: [DiagnosticItem] = []
            try reader.items(of: head) { reader, _ in
                items.append(try DiagnosticItem(from: &reader))
            }
            self = .array(items, isIndefinite: head.isIndefinite)
        case .map:
            var entries: [(DiagnosticItem, DiagnosticItem)] = []
            try reader.items(of: head) { reader, _ in
                entries.append(
                    (try DiagnosticItem(from: &reader), try DiagnosticItem(from: &reader)))
            }
            self = .map(entries, isIndefinite: head.isIndefinite)
        case .tag: self = .tag(head.argument, try DiagnosticItem(from: &reader))
        case .simple: self = .simple(head)
        }
    }

    func write(to writer: borrowing CBORWriter) {
        switch self {
        case .unsigned(let value): writer.unsigned(value)
        case .negative(let value): writer.head(.negative, value)
        case .bytes(let chunks, _): chunks.joined().withBytes { writer.bytes($0) }
        case .text(let chunks, _): writer.text(chunks.joined())
        case .array(let items, let isIndefinite):
            if isIndefinite { writer.indefiniteArray() } else { writer.array(count: items.count) }
            for item in items { item.write(to: writer) }
            if isIndefinite { writer.stop() }
        case .map(let entries, let isIndefinite):
            if isIndefinite { writer.indefiniteMap() } else { writer.map(count: entries.count) }
            for (key, value) in entries {
                key.write(to: writer)
                value.write(to: writer)
            }
            if isIndefinite { writer.stop() }
        case .tag(let tag, let item):
            writer.tag(tag)
            item.write(to: writer)
        case .simple(let head):
            if head.isFloat {
                writer.double(head.double)
            } else if head.isBoolean {
                writer.boolean(head.info == 21)
            } else {
                writer.null()
            }
        }
    }

    /// The item in the diagnostic notation of RFC 8949, section 8.
    var diagnostic: String {
        switch self {
        case .unsigned(let value): return "\(value)"
        case .negative(let value): return "\(-1 - Int128(value))"
        case .bytes(let chunks, let isIndefinite):
            let parts = chunks.map { "h'" + $0.hexadecimal + "'" }
            return isIndefinite ? "(_ \(parts.joined(separator: ", ")))" : parts.joined()
        case .text(let chunks, let isIndefinite):
            let parts = chunks.map { text in
                "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
            }
            return isIndefinite ? "(_ \(parts.joined(separator: ", ")))" : parts.joined()
        case .array(let items, let isIndefinite):
            return (isIndefinite ? "[_ " : "[")
                + items.map(\.diagnostic).joined(separator: ", ") + "]"
        case .map(let entries, let isIndefinite):
            return (isIndefinite ? "{_ " : "{")
                + entries.map { "\($0.diagnostic): \($1.diagnostic)" }.joined(separator: ", ") + "}"
        case .tag(2, .bytes(let chunks, _)): return "\(Self.number(chunks.joined()))"
        case .tag(3, .bytes(let chunks, _)): return "\(-1 - Self.number(chunks.joined()))"
        case .tag(let tag, let item): return "\(tag)(\(item.diagnostic))"
        case .simple(let head):
            if head.isFloat { return Self.diagnostic(of: head.double) }
            switch head.argument {
            case 20: return "false"
            case 21: return "true"
            case 22: return "null"
            case 23: return "undefined"
            case let value: return "simple(\(value))"
            }
        }
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> Int128 {
        bytes.reduce(0) { $0 << 8 | Int128($1) }
    }

    private static func diagnostic(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return "\(value)"
    }
}

extension Sequence<UInt8> {
    var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try Array(self).withUnsafeBytes(body)
    }
}

extension Array<UInt8> {
    init(hexadecimal: String) {
        let digits = Array<Character>(hexadecimal)
        self = stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
        }
    }
}
