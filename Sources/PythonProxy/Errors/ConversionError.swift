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
    /// Lets errors of conversion say which function was called.
    static func naming<Value>(
        function: @autoclosure () -> String, _ body: () throws -> Value
    ) throws -> Value {
        do { return try body() } catch ProxyError.conversion(let error) {
            throw ProxyError.conversion(error.of(function: function()))
        }
    }
}
