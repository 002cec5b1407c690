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
        /// How many more times the same line follows, as in a recursion: Python shows the first three.
        public var repetitions = 0
    }

    /// The name of the exception's class, such as "ValueError".
    public let type: String
    /// The module of the class, such as "builtins".
    public let module: String
    /// The names of the classes that its class is derived from, the nearest first, such as "OSError".
    public let bases: [String]
    /// What `str` of the exception returns, with Python's hint if a name may be misspelt.
    public let message: String
    /// What the exception was made with. What is no plain data is its `repr`.
    public let args: [PythonValue]
    /// What else it carries and is plain data, by name, such as "errno" and "filename".
    public let attributes: [String: PythonValue]
    /// Where it was raised.
    public let traceback: [Frame]
    /// What was added with `add_note`; and which step of a script has raised it.
    public internal(set) var notes: [String]
    /// The step of a script, counted from 1.
    let step: Int?
    /// The end of what the call printed, standard output and standard error together.
    public internal(set) var output = ""

    /// Those of a group, such as an `ExceptionGroup`.
    public let exceptions: [PythonError]

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
        func number(_ value: PythonValue) -> Int {
            if case .int(let number) = value { max(number, 0) } else { 0 }
        }
        func error(_ key: String) -> PythonError? {
            if case .dictionary = value[key] { PythonError(description: value[key]) } else { nil }
        }
        type = text(value["type"])
        module = text(value["module"])
        message = text(value["message"])
        notes = items(value["notes"]).map(text)
        step = if case .int(let number) = value["step"], number > 0 { number } else { nil }
        traceback = items(value["frames"]).map { frame in
            Frame(
                file: text(frame[0]), line: number(frame[1]), function: text(frame[2]),
                source: text(frame[3]), repetitions: number(frame[4]))
        }
        bases = items(value["bases"]).map(text)
        args = items(value["args"])
        exceptions = items(value["exceptions"]).map(PythonError.init(description:))
        var attributes: [String: PythonValue] = [:]
        if case .dictionary(let entries) = value["attributes"] {
            for (key, value) in entries { attributes[text(key)] = value }
        }
        self.attributes = attributes
        links =
            error("cause").map { [.cause($0)] } ?? error("context").map { [.context($0)] } ?? []
    }
}
