import ProxyWire

/// An exception that Python code raised.
///
/// Its description reads like a Python traceback.
public struct PythonError: Error, Sendable, Equatable {
    /// A place in the traceback, the outermost first.
    public struct Frame: Sendable, Equatable {
        public let file: String
        /// Counted from 1.
        public let line: Int
        public let function: String
        /// The text of the line; empty if the source is not at hand.
        public let source: String
    }

    /// The name of the exception's class, such as "ValueError".
    public let type: String
    /// The module of the class, such as "builtins".
    public let module: String
    /// What `str` of the exception returns.
    public let message: String
    /// Where it was raised.
    public let traceback: [Frame]
    /// What was added with `add_note`.
    public let notes: [String]
    /// The end of what the call printed, standard output and standard error together.
    public internal(set) var output = ""

    private let links: [Link]

    private enum Link: Sendable, Equatable {
        indirect case cause(PythonError)
        indirect case context(PythonError)
    }

    /// The exception given with `raise … from`.
    public var cause: PythonError? {
        if case .cause(let error) = links.first { error } else { nil }
    }

    /// The exception that was being handled when this one was raised, if there is no cause.
    public var context: PythonError? {
        if case .context(let error) = links.first { error } else { nil }
    }
}

extension PythonError: CustomStringConvertible {
    public var description: String {
        var text = ""
        switch links.first {
        case .cause(let error):
            text =
                error.description
                + "\n\nThe above exception was the direct cause of the following exception:\n\n"
        case .context(let error):
            text =
                error.description
                + "\n\nDuring handling of the above exception, another exception occurred:\n\n"
        case nil: break
        }
        if !traceback.isEmpty {
            text += "Traceback (most recent call last):\n"
            for frame in traceback {
                text += "  File \"\(frame.file)\", line \(frame.line), in \(frame.function)\n"
                if !frame.source.isEmpty { text += "    \(frame.source)\n" }
            }
        }
        text += module == "builtins" ? type : "\(module).\(type)"
        if !message.isEmpty { text += ": \(message)" }
        for note in notes { text += "\n\(note)" }
        return text
    }
}

extension PythonError {
    /// Reads the payload of a `failure` frame.
    init(from reader: inout CBORReader) throws {
        self.init(description: try PythonValue(from: &reader))
    }

    /// Reads what Python says about an exception.
    init(description value: PythonValue) {
        func text(_ value: PythonValue) -> String {
            if case .string(let text) = value { text } else { "" }
        }
        func items(_ value: PythonValue) -> [PythonValue] {
            switch value {
            case .list(let items), .tuple(let items): items
            default: []
            }
        }
        func error(_ key: String) -> PythonError? {
            if case .dictionary = value[key] { PythonError(description: value[key]) } else { nil }
        }
        type = text(value["type"])
        module = text(value["module"])
        message = text(value["message"])
        notes = items(value["notes"]).map(text)
        traceback = items(value["frames"]).map { frame in
            var line = 0
            if case .int(let number) = frame[1] { line = number }
            return Frame(
                file: text(frame[0]), line: line, function: text(frame[2]), source: text(frame[3]))
        }
        links =
            error("cause").map { [.cause($0)] } ?? error("context").map { [.context($0)] } ?? []
    }
}
