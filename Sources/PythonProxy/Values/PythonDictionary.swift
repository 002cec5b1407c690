import OrderedCollections

/// A Python dict: entries in the order in which they were inserted, with keys of any hashable type.
///
/// Two are equal if they have the same entries, in whatever order.
public struct PythonDictionary: Sendable {
    private var entries: OrderedDictionary<PythonValue, PythonValue>

    /// Creates a dict. Of entries with equal keys the last one counts.
    public init(_ entries: some Sequence<(PythonValue, PythonValue)> = []) {
        self.entries = OrderedDictionary(entries, uniquingKeysWith: { $1 })
    }

    /// Creates a dict of values of any types, in the order in which they are written:
    /// `PythonDictionary(["name": names, "age": [1, 2]])`.
    ///
    /// A value that cannot be passed to Python makes the call throw that it is given to.
    public init(_ entries: KeyValuePairs<String, PythonArgument>) {
        self.init(
            entries.map { key, value in
                guard let value else { return (.string(key), .none) }
                do { return (.string(key), try PythonValue(value)) } catch {
                    return (.string(key), .opaque(PythonOpaqueValue(reason: "\(error)")))
                }
            })
    }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }
    public var keys: [PythonValue] { Array(entries.keys) }
    public var values: [PythonValue] { Array(entries.values) }

    public subscript(key: PythonValue) -> PythonValue? {
        get { entries[key] }
        set { entries[key] = newValue }
    }
}

extension PythonDictionary: Sequence {
    public func makeIterator() -> AnyIterator<(key: PythonValue, value: PythonValue)> {
        var iterator = entries.makeIterator()
        return AnyIterator { iterator.next().map { ($0.key, $0.value) } }
    }
}

extension PythonDictionary: Hashable {
    public static func == (left: PythonDictionary, right: PythonDictionary) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        // The same for every order of the entries.
        hasher.combine(entries.reduce(0) { $0 ^ $1.key.hashValue })
    }
}

extension PythonDictionary: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (PythonValue, PythonValue)...) {
        self.init(elements)
    }
}
