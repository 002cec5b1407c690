/// A value that did not fit, and where in the structure it stands.
///
/// ```
/// linalg.eig: result.eigenvalues[0]: expected Double, found a complex; ask for Complex<Double>
/// ```
public struct ConversionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What does not fit, and what to do about it.
    public let message: String
    /// As one would write it in code: "result[3]['points']", "argument 2[0]". Empty for a value by itself.
    public private(set) var place: String
    /// The name of the function or attribute, as it was called; empty outside of a call.
    public private(set) var function: String

    public init(_ message: String, place: String = "", function: String = "") {
        self.message = message
        self.place = place
        self.function = function
    }

    public var description: String {
        [function, place, message].filter { !$0.isEmpty }.joined(separator: ": ")
    }

    /// A step from a value to one of its parts.
    enum Step {
        case index(Int)
        case key(String)
        case field(String)
        /// A key itself, of the dict.
        case asKey
        /// An element of a set, which has no place.
        case element
        /// The result, or an argument.
        case root(String)

        fileprivate var text: String {
            switch self {
            case .index(let index): "[\(index)]"
            case .key(let key): "[\(key)]"
            case .field(let name): "." + name
            case .asKey: " (a key)"
            case .element: "{…}"
            case .root(let name): name
            }
        }
    }

    /// The same error, seen from one container further out.
    func inside(_ step: Step) -> ConversionError {
        ConversionError(message, place: step.text + place, function: function)
    }

    /// The same error of a call.
    func of(function name: String) -> ConversionError {
        ConversionError(message, place: place, function: name)
    }

    /// Converts a part of a value. An error says where the part stands; nothing is made for that before there is one.
    @inline(__always)
    static func inside<Value>(
        _ step: @autoclosure () -> Step, _ body: () throws -> Value
    ) throws -> Value {
        do { return try body() } catch let error as ConversionError {
            throw error.inside(step())
        } catch let error as DecodingError {
            throw ConversionError(error).inside(step())
        }
    }
}

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
        default: "ask for PythonValue, or convert it in Python"
        }
    }

    /// A field that a record does not have.
    static func missing(_ name: String, from names: [String]) -> ConversionError {
        let shown = names.prefix(20).map { PythonRepresentation.of($0) }.joined(separator: ", ")
        return ConversionError(
            "no key \(PythonRepresentation.of(name)); "
                + (names.isEmpty
                    ? "there are no keys"
                    : "the keys are \(shown)\(names.count > 20 ? ", …" : "")"))
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
