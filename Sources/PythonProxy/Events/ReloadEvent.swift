import ProxyWire

/// What a server did because files of the project had changed: see <doc:Reloading>.
public struct ReloadEvent: Sendable, Equatable {
    /// What has become of a module.
    public enum Kind: String, Sendable {
        /// Its functions have new bodies. Nothing else has changed, and its variables are as they were.
        case patched
        /// It has been executed again.
        case reloaded
        /// Its file is gone.
        case deleted
        /// Its file cannot be compiled, or raised while it was executed: calls into it throw that error, other
        /// modules use what it was before.
        case broken
    }

    /// The modules, by name.
    public let kinds: [String: Kind]
    /// The names of all modules, in alphabetical order.
    public var modules: [String] { kinds.keys.sorted() }
    /// Classes that are other objects now, while something still uses the old ones, as "module.Class": old
    /// instances are no instances of the new class.
    public let staleClasses: [String]
    /// How many objects that stay on the server for its clients are instances of these old classes, by class: a call
    /// of theirs runs the old code.
    public let staleObjects: [String: Int]
    /// Files beside the code that have changed, as far as the proxy's `dataFiles` cover them.
    public let dataFiles: [String]
    /// What the broken modules, and hooks for data files, have raised.
    public let errors: [PythonError]
    /// The first of `errors`.
    public var error: PythonError? { errors.first }
    /// From the decision to reload until all was done.
    public let duration: Duration

    /// The modules of a kind, in alphabetical order.
    public func modules(_ kind: Kind) -> [String] { modules.filter { kinds[$0] == kind } }
}

extension ReloadEvent: CustomStringConvertible {
    /// A line, and the errors below it.
    public var description: String { line + errors.map { "\n\($0)" }.joined() }

    /// What has happened, without the errors.
    var line: String {
        var parts = [Kind.reloaded, .patched, .deleted, .broken].compactMap { kind in
            let names = modules(kind)
            return names.isEmpty ? nil : "\(kind.rawValue) \(names.joined(separator: ", "))"
        }
        if !dataFiles.isEmpty { parts.append("changed \(dataFiles.joined(separator: ", "))") }
        if !staleClasses.isEmpty {
            let names = staleClasses.map { name in
                staleObjects[name].map { "\(name) (\($0) of them kept by clients)" } ?? name
            }
            parts.append("old instances remain of \(names.joined(separator: ", "))")
        }
        if parts.isEmpty { parts.append("nothing has changed") }
        let tenths = Int((duration / .microseconds(100)).rounded())
        return parts.joined(separator: "; ") + " (\(tenths / 10).\(tenths % 10) ms)"
    }
}

extension ReloadEvent {
    private static let longestSeconds = 1e9

    /// Reads the payload of a `reloaded` frame.
    init(from reader: inout CBORReader) throws {
        let value = try PythonValue(from: &reader)
        func texts(_ value: PythonValue) -> [String] {
            value.items.compactMap { if case .string(let text) = $0 { text } else { nil } }
        }
        var kinds: [String: Kind] = [:]
        for pair in value[1].items {
            let pair = texts(pair)
            if pair.count == 2, let kind = Kind(rawValue: pair[1]) { kinds[pair[0]] = kind }
        }
        self.kinds = kinds
        staleClasses = texts(value[2])
        staleObjects = value[5].items.reduce(into: [:]) { counts, pair in
            if case .string(let name) = pair[0], case .int(let count) = pair[1] {
                counts[name] = count
            }
        }
        dataFiles = texts(value[3])
        errors = value[4].items.map(PythonError.init(description:))
        // A number of the peer's may be anything, and a Duration traps on what it cannot hold.
        if case .double(let seconds) = value[0], seconds.isFinite {
            duration = .seconds(min(max(seconds, 0), Self.longestSeconds))
        } else {
            duration = .zero
        }
    }
}

extension PythonValue {
    /// Those of a list or tuple; none of anything else.
    fileprivate var items: [PythonValue] {
        switch self {
        case .list(let items), .tuple(let items): items
        default: []
        }
    }
}
