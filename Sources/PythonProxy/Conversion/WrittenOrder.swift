#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The order in which the entries of dictionaries and the elements of sets are written, which have none in Swift:
/// it is the same in every run.
///
/// Texts are sorted by their UTF-8 bytes, as Python sorts them, integers by value, and everything else by its
/// description.
enum WrittenOrder {
    static func sorted<Key, Value>(_ dictionary: [Key: Value]) -> [(key: Key, value: Value)] {
        sorted(Array(dictionary)) { $0.key }
    }

    static func sorted<Element>(_ set: Set<Element>) -> [Element] { sorted(Array(set)) { $0 } }

    private static func sorted<Element, Key>(
        _ elements: [Element], by key: (Element) -> Key
    ) -> [Element] {
        if Key.self == String.self {
            // SAFETY: the types are the same.
            func text(_ element: Element) -> String {
                unsafeBitCast(key(element), to: String.self)
            }
            return elements.sorted { precedes(text($0), text($1)) }
        }
        if Key.self == PythonValue.self {
            // SAFETY: the types are the same.
            func value(_ element: Element) -> PythonValue {
                unsafeBitCast(key(element), to: PythonValue.self)
            }
            return elements.map { (Rank(value($0)), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        if let type = Key.self as? any BinaryInteger.Type {
            return sorted(elements, by: key, as: type)
        }
        if let type = Key.self as? any RawRepresentable.Type {
            return sorted(elements, by: key, asRaw: type)
        }
        return sorted(elements, byText: { String(describing: key($0)) })
    }

    private static func sorted<Element, Key, Number: BinaryInteger>(
        _ elements: [Element], by key: (Element) -> Key, as _: Number.Type
    ) -> [Element] {
        // SAFETY: the types are the same.
        func number(_ element: Element) -> Number { unsafeBitCast(key(element), to: Number.self) }
        return elements.sorted { number($0) < number($1) }
    }

    /// By what the keys are written as.
    private static func sorted<Element, Key, Raw: RawRepresentable>(
        _ elements: [Element], by key: (Element) -> Key, asRaw _: Raw.Type
    ) -> [Element] {
        // SAFETY: the types are the same.
        func raw(_ element: Element) -> Raw.RawValue {
            unsafeBitCast(key(element), to: Raw.self).rawValue
        }
        if Raw.RawValue.self is any BinaryInteger.Type {
            return elements.map {
                ($0, (raw($0) as? any BinaryInteger).map { Int128(clamping: $0) })
            }
            .sorted { $0.1 ?? 0 < $1.1 ?? 0 }.map(\.0)
        }
        return sorted(elements, byText: { (raw($0) as? String) ?? String(describing: key($0)) })
    }

    /// Where a Python value stands among others: numbers by value before texts before everything else.
    private enum Rank: Comparable {
        case number(Double, Int)
        case text(String)
        case other(String)

        init(_ value: PythonValue) {
            switch value {
            case .bool(let flag): self = .number(flag ? 1 : 0, 0)
            // Integers that are the same Double are told apart.
            case .int(let number): self = .number(Double(number), number)
            case .double(let number) where !number.isNaN: self = .number(number, 0)
            case .string(let text): self = .text(text)
            default: self = .other(value.debugDescription)
            }
        }

        static func < (left: Rank, right: Rank) -> Bool {
            switch (left, right) {
            case (.number(let left, let first), .number(let right, let second)):
                (left, first) < (right, second)
            case (.text(let left), .text(let right)), (.other(let left), .other(let right)):
                precedes(left, right)
            case (.number, _), (.text, .other): true
            case (_, .number), (.other, .text): false
            }
        }
    }

    /// The text of each is made once.
    private static func sorted<Element>(
        _ elements: [Element], byText text: (Element) -> String
    ) -> [Element] {
        elements.map { ($0, text($0)) }.sorted { precedes($0.1, $1.1) }.map(\.0)
    }

    /// Whether the UTF-8 bytes of a text come before those of another.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in
                guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else {
                    return left.count < right.count
                }
                let order = memcmp(leftStart, rightStart, min(left.count, right.count))
                return order == 0 ? left.count < right.count : order < 0
            }
        }?.flatMap { $0 } ?? left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
