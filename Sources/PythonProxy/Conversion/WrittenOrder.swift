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
        // SAFETY of the casts below: the types are the same. (`as` would cast each key.)
        if Key.self == String.self {
            let entries = unsafeBitCast(dictionary, to: [String: Value].self)
                .sorted { precedes($0.key, $1.key) }
            return unsafeBitCast(entries, to: [(key: Key, value: Value)].self)
        }
        if let type = Key.self as? any (BinaryInteger & Hashable).Type {
            return sorted(dictionary, by: type)
        }
        if let type = Key.self as? any RawRepresentable.Type {
            return sorted(dictionary, byRaw: type)
        }
        return dictionary.map { ($0, text(of: $0.key)) }
            .sorted { precedes($0.1, $1.1) }.map(\.0)
    }

    static func sorted<Element>(_ set: Set<Element>) -> [Element] {
        sorted(Dictionary(uniqueKeysWithValues: set.lazy.map { ($0, ()) })).map(\.key)
    }

    private static func sorted<Key, Value, Number: BinaryInteger & Hashable>(
        _ dictionary: [Key: Value], by _: Number.Type
    ) -> [(key: Key, value: Value)] {
        let entries = unsafeBitCast(dictionary, to: [Number: Value].self)
            .sorted { $0.key < $1.key }
        return unsafeBitCast(entries, to: [(key: Key, value: Value)].self)
    }

    /// By what the keys are written as.
    private static func sorted<Key, Value, Raw: RawRepresentable>(
        _ dictionary: [Key: Value], byRaw _: Raw.Type
    ) -> [(key: Key, value: Value)] {
        func raw(_ key: Key) -> Raw.RawValue? { (key as? Raw)?.rawValue }
        if Raw.RawValue.self is any BinaryInteger.Type {
            func number(_ key: Key) -> Int128 {
                (raw(key) as? any BinaryInteger).map { Int128(clamping: $0) } ?? 0
            }
            return dictionary.sorted { number($0.key) < number($1.key) }
        }
        func text(_ key: Key) -> String { (raw(key) as? String) ?? self.text(of: key) }
        return dictionary.sorted { precedes(text($0.key), text($1.key)) }
    }

    private static func text<Key>(of key: Key) -> String { String(describing: key) }

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
