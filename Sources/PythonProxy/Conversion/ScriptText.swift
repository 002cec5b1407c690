import ProxyWire

/// The steps of a script as Python would write them, for messages.
struct ScriptText {
    private let operands: [any Encodable & Sendable]
    /// Of each step.
    private(set) var steps: [String] = []
    /// What the value of a step is called in the text of another one.
    private var values: [String] = []

    private static let longestValue = 60
    /// So many are read.
    private let stepCount: Int

    /// - Parameter stepCount: how many steps are of interest.
    init(_ recording: ScriptRecorder.Recording, steps stepCount: Int) {
        operands = recording.operands
        self.stepCount = stepCount
        // SAFETY: the recording keeps the buffer.
        var reader = CBORReader(
            recording.steps.payload, maximumDepth: Limits().depth)
        withExtendedLifetime(recording) {
            // What cannot be read has no text.
            try? read(&reader)
        }
    }

    private mutating func read(_ reader: inout CBORReader) throws {
        while reader.remaining > 0, steps.count < stepCount {
            if try reader.peek().isBreak { return }
            try readStep(&reader)
        }
    }

    private mutating func readStep(_ reader: inout CBORReader) throws {
        let count = try reader.array(counts: 2...4)
        let operation = CallOperation(rawValue: try reader.unsigned())
        let place = try text(&reader)
        guard count == 4 else {
            return add(step: Self.withoutParentheses(place), values: [place])
        }
        if operation == .enter {
            add(step: "with " + place, values: [place])
            try reader.array(count: 2)
            _ = try reader.head()
            try read(&reader)
            if steps.count >= stepCount { return }
            // The end of the block, how many values it has, and no keywords.
            _ = try reader.head()
            try reader.skip()
            return try reader.skip()
        }
        let arguments = try arguments(&reader)
        switch operation {
        case .set: add(step: "\(place) = \(arguments.joined())", values: ["None"])
        case .delete: add(step: "del " + place, values: ["None"])
        default:
            let short = arguments.isEmpty ? "()" : "(…)"
            let name = place.split(separator: ".").last.map(String.init) ?? place
            let call = place + "(" + arguments.joined(separator: ", ") + ")"
            add(
                step: call, values: (operation == .callFound ? [place] : []) + [name + short])
        }
    }

    private mutating func add(step: String, values: [String]) {
        steps.append(step)
        self.values += values.map(Self.shortened)
    }

    /// A value may be used often in other ones.
    private static func shortened(_ text: String) -> String {
        text.utf8.count > longestValue ? text.prefix(longestValue) + "…" : text
    }

    private func arguments(_ reader: inout CBORReader) throws -> [String] {
        var arguments: [String] = []
        let count = try reader.head().argument
        for _ in 0..<count { arguments.append(Self.withoutParentheses(try value(&reader))) }
        let keywordCount = try reader.head().argument
        for _ in 0..<keywordCount {
            let name = try reader.text()
            arguments.append("\(name)=\(Self.withoutParentheses(try value(&reader)))")
        }
        return arguments
    }

    /// What a step is about: a text is a name.
    private func text(_ reader: inout CBORReader) throws -> String {
        if try reader.peek().major == .text { return String(try reader.text().drop { $0 == ":" }) }
        return try value(&reader)
    }

    private func value(_ reader: inout CBORReader) throws -> String {
        let head = try reader.peek()
        guard head.major == .tag else {
            if head.major == .text { return PythonRepresentation.of(try reader.text()) }
            if head.major == .array || head.major == .map { return try container(&reader) }
            var part = PythonReader(reader)
            let value = try PythonValue(from: &part)
            reader = part.cbor
            return value.debugDescription
        }
        _ = try reader.head()
        switch head.argument {
        case CBORTag.step:
            let position = Int(clamping: try reader.unsigned())
            return values.indices.contains(position) ? values[position] : "…"
        case CBORTag.operand:
            let position = Int(clamping: try reader.unsigned())
            guard operands.indices.contains(position) else { return "…" }
            let text = CallTarget.text(of: operands[position])
            return Self.shortened(text)
        case CBORTag.operation:
            let count = try reader.head().argument
            let symbol = PythonOperator(rawValue: try reader.unsigned())?.symbol ?? "?"
            let first = try value(&reader)
            return count == 2 ? symbol + first : "(\(first) \(symbol) \(try value(&reader)))"
        default: return try path(&reader)
        }
    }

    private func container(_ reader: inout CBORReader) throws -> String {
        let head = try reader.head()
        var items: [String] = []
        for _ in 0..<head.argument {
            let item = try value(&reader)
            items.append(head.major == .map ? "\(item): \(try value(&reader))" : item)
        }
        let text = items.joined(separator: ", ")
        return head.major == .map ? "{\(text)}" : "[\(text)]"
    }

    private func path(_ reader: inout CBORReader) throws -> String {
        let count = try reader.head().argument
        var path = try text(&reader)
        for _ in 1..<max(count, 1) {
            if try reader.peek().major == .text {
                path += "." + (try reader.text())
                continue
            }
            let keyCount = try reader.head().argument
            var keys: [String] = []
            for _ in 0..<keyCount { keys.append(try value(&reader)) }
            path += "[" + keys.joined(separator: ", ") + "]"
        }
        return path
    }

    private static func withoutParentheses(_ text: String) -> String {
        text.hasPrefix("(") && text.hasSuffix(")") ? String(text.dropFirst().dropLast()) : text
    }
}
