import ProxyWire

/// What a call is of, for people: in the list of running calls, and in the log.
enum CallName {
    private static let longest = 200

    /// - Parameter frame: of a call. What cannot be read in it is "?".
    static func of(_ frame: InboundFrame) -> String {
        // SAFETY: `frame` holds the bytes while this reads them.
        var reader = frame.unsafeReader(maximumDepth: Limits().depth)
        guard let name = try? read(&reader) else { return "?" }
        return name.count > longest ? name.prefix(longest) + "…" : name
    }

    private static func read(_ reader: inout CBORReader) throws(WireError) -> String {
        _ = try reader.array(counts: CallOperation.itemCounts)
        let operation = CallOperation(rawValue: try reader.unsigned())
        return switch operation {
        case .script: "(a script)"
        case .leave: "(leaving a context manager)"
        default: try target(&reader)
        }
    }

    /// A name, an object, or what is found from these: "LinearRegression.fit".
    private static func target(_ reader: inout CBORReader) throws(WireError) -> String {
        let head = try reader.peek()
        guard head.major == .tag, head.argument == CBORTag.reference else {
            return try root(&reader)
        }
        _ = try reader.head()
        let count = try reader.array(counts: 1...Int(Int32.max))
        var name = try root(&reader)
        for _ in 1..<count where name.utf8.count <= longest {
            if try reader.peek().major == .text {
                name += "." + (try reader.text())
            } else {
                name += "[…]"
                try reader.skip()
            }
        }
        return name
    }

    private static func root(_ reader: inout CBORReader) throws(WireError) -> String {
        let head = try reader.peek()
        if head.major == .text { return try reader.text() }
        guard head.major == .tag, head.argument == CBORTag.object else {
            try reader.skip()
            return "(an expression)"
        }
        _ = try reader.head()
        try reader.array(count: 2)
        try reader.skip()
        // Its class without the module.
        return String(try reader.text().split(separator: ".").last ?? "?")
    }
}
