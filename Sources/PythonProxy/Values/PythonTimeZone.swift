import Foundation

/// How far a Python date or time is from UTC.
public enum PythonTimeZone: Sendable, Hashable {
    /// A fixed distance in seconds, positive to the east; with a name if it was given one.
    case offset(seconds: Int, name: String? = nil)
    /// A zone of the IANA database: "Europe/Zurich".
    case named(String)

    public static let utc = PythonTimeZone.offset(seconds: 0)

    var content: PythonValue {
        switch self {
        case .offset(let seconds, nil): .int(seconds)
        case .offset(let seconds, let name?): [.int(seconds), .string(name)]
        case .named(let name): .string(name)
        }
    }

    /// None stands for no zone.
    static func zone(content: PythonValue) throws -> PythonTimeZone? {
        switch content {
        case .none: return nil
        case .int(let seconds): return try offset(checking: seconds, name: nil)
        case .string(let name): return .named(name)
        default:
            let parts = try content.items(2)
            return try offset(checking: try parts[0].number(), name: try parts[1].text())
        }
    }

    private static func offset(checking seconds: Int, name: String?) throws -> PythonTimeZone {
        // Less than a day, as in Python.
        guard (-86_399...86_399).contains(seconds) else { throw ContentMismatch() }
        return .offset(seconds: seconds, name: name)
    }
}
