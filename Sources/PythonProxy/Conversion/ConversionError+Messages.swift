extension ConversionError {
    /// A value of another type than is asked for.
    ///
    /// - Parameters:
    ///   - expected: "Double".
    ///   - found: with an article: "a list".
    ///   - remedy: what to do; nil: what helps with most values of this kind.
    static func mismatch(
        expected: String, found: String, remedy: String? = nil
    ) -> ConversionError {
        let remedy = remedy ?? usualRemedy(expected: expected, found: found)
        return ConversionError(
            "expected \(expected), found \(found)" + (remedy.isEmpty ? "" : "; " + remedy))
    }

    /// Python's `**` binds more than a minus before it, Swift's operators do not.
    static let negatedPower =
        "-x ** 2 is (-x) ** 2 in Swift and -(x ** 2) in Python; write -(x ** 2), or (0 - x) ** 2"

    private static func usualRemedy(expected: String, found: String) -> String {
        switch found {
        case "None": "ask for an optional: \(expected)?"
        case "a complex": "ask for Complex<Double>"
        case "a bool": "ask for Bool, or convert it in Python with int()"
        case "a list", "a tuple", "a set", "a frozenset": "ask for an Array"
        case "a dict": "ask for a Dictionary or a Decodable type"
        case "a str": "ask for String, or convert it in Python"
        case "an int", "a float": "ask for Int or Double, or convert it in Python"
        case "bytes": "ask for Data"
        case _ where found.hasPrefix("a numpy array"): "ask for an Array or NDArray"
        // An object.
        case _ where found.hasPrefix("<"):
            "it stays there: ask for \(expected) in the call itself, or copy it with evaluate(_:)"
        default: "ask for PythonValue, or convert it in Python"
        }
    }

    /// A field that a record does not have.
    static func missing(_ name: String, from names: [String]) -> ConversionError {
        ConversionError(
            "no key \(PythonRepresentation.of(name)); "
                + (names.isEmpty
                    ? "there are no keys" : listing(names, as: { PythonRepresentation.of($0) })))
    }

    /// The keys that there are, the first 20 of them.
    static func listing<Key>(_ keys: [Key], as text: (Key) -> String) -> String {
        let shown = keys.prefix(20).map(text).joined(separator: ", ")
        return "the keys are \(shown)\(keys.count > 20 ? ", …" : "")"
    }

    /// What a type's own `init(from:)` did not like.
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, _):
            self.init("no key \(PythonRepresentation.of(key.stringValue))")
        case .typeMismatch(let type, let context):
            self.init("expected \(TypeName.of(type)): \(context.debugDescription)")
        case .valueNotFound(let type, let context):
            self.init("expected \(TypeName.of(type)), found None: \(context.debugDescription)")
        case .dataCorrupted(let context): self.init(context.debugDescription)
        @unknown default: self.init("\(error)")
        }
    }
}
