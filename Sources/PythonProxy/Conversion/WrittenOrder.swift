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
