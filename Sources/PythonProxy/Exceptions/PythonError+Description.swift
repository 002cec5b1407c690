extension PythonError: CustomStringConvertible {
    /// What Python's `traceback` module prints of it.
    public var description: String { lines(depth: 0).joined(separator: "\n") }

    /// - Parameter depth: of groups around it. Python draws a bar before the lines of their members.
    private func lines(depth: Int) -> [String] {
        var lines: [String] = []
        if let cause {
            lines += cause.lines(depth: depth)
            lines += Self.connection(
                "The above exception was the direct cause of the following exception:", depth)
        } else if let context {
            lines += context.lines(depth: depth)
            lines += Self.connection(
                "During handling of the above exception, another exception occurred:", depth)
        }
        return lines + (exceptions.isEmpty ? ownLines(depth) : groupLines(depth))
    }

    private static func connection(_ text: String, _ depth: Int) -> [String] {
        ["", text, ""].map { line in depth == 0 ? line : margin(depth) + line }
    }

    private static func margin(_ depth: Int) -> String {
        depth == 0 ? "" : String(repeating: " ", count: 2 * depth) + "| "
    }

    /// The traceback and what was raised.
    private func ownLines(_ depth: Int, heading: String = "Traceback") -> [String] {
        let margin = Self.margin(depth)
        var lines: [String] = []
        if !traceback.isEmpty { lines.append("\(heading) (most recent call last):") }
        for frame in traceback { lines += frame.lines }
        var last = module == "builtins" ? type : "\(module).\(type)"
        if !message.isEmpty { last += ": \(message)" }
        lines += ([last] + notes).joined(separator: "\n").split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        return lines.map { margin + $0 }
    }

    private func groupLines(_ depth: Int) -> [String] {
        // The bar of the outermost group is its own.
        let inner = max(depth, 1)
        let indentation = String(repeating: " ", count: 2 * inner)
        var lines = ownLines(inner, heading: "Exception Group Traceback")
        if depth == 0, !traceback.isEmpty {
            lines[0] = indentation + "+ " + lines[0].dropFirst(indentation.count + 2)
        }
        for (index, error) in exceptions.enumerated() {
            let line = "---------------- \(index + 1) ----------------"
            lines.append(indentation + (index == 0 ? "+-+" : "  +") + line)
            lines += error.lines(depth: inner + 1)
        }
        // A member that is a group has drawn the line already.
        if exceptions.last?.exceptions.isEmpty ?? true {
            lines.append(indentation + "  +" + String(repeating: "-", count: 36))
        }
        return lines
    }
}

extension PythonError.Frame {
    fileprivate var lines: [String] {
        var lines = ["  File \"\(file)\", line \(line), in \(function)"]
        if !source.isEmpty { lines.append("    \(source)") }
        if repetitions > 0 {
            lines.append(
                "  [Previous line repeated \(repetitions) more time\(repetitions == 1 ? "" : "s")]")
        }
        return lines
    }
}
