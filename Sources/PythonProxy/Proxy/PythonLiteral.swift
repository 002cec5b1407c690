/// A list or dictionary literal whose items may be of different types, where it is assigned to an expression of a
/// script: `frame["a"] = [1, "b"]`.
public struct PythonLiteral: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, Sendable {
    let value: PythonValue

    init(value: PythonValue) { self.value = value }

    public init(arrayLiteral items: PythonValue...) { value = .list(items) }

    public init(dictionaryLiteral entries: (PythonValue, PythonValue)...) {
        value = .dictionary(PythonDictionary(entries.map { (key: $0.0, value: $0.1) }))
    }
}
