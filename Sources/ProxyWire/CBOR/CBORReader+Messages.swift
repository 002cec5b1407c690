/// Readers for the fields of messages, where exactly one type is right.
extension CBORReader {
    package mutating func unsigned() throws(WireError) -> UInt64 {
        let start = offset
        let head = try self.head()
        guard head.major == .unsigned else {
            throw .malformed("\(head.noun) where an unsigned integer must stand", offset: start)
        }
        return head.argument
    }

    package mutating func text() throws(WireError) -> String {
        let start = offset
        let head = try self.head()
        guard head.major == .text else {
            throw .malformed("\(head.noun) where a text must stand", offset: start)
        }
        return try text(of: head)
    }

    /// The text whose head was just read.
    package mutating func text(of head: CBORHead) throws(WireError) -> String {
        let start = offset
        var text = ""
        var isValid = true
        try chunks(of: head) { chunk in
            guard let part = String(validating: chunk, as: UTF8.self) else {
                isValid = false
                return
            }
            if text.isEmpty { text = part } else { text += part }
        }
        guard isValid else { throw .malformed("text that is not valid UTF-8", offset: start) }
        return text
    }

    package mutating func optionalText() throws(WireError) -> String? {
        guard try peek().isNull else { return try text() }
        _ = try head()
        return nil
    }

    package mutating func boolean() throws(WireError) -> Bool {
        let start = offset
        let head = try self.head()
        guard head.isBoolean else {
            throw .malformed("\(head.noun) where a boolean must stand", offset: start)
        }
        return head.info == 21
    }

    /// Reads the head of an array with as many items as `counts` says.
    package mutating func array(counts: ClosedRange<Int>) throws(WireError) -> Int {
        let start = offset
        let head = try self.head()
        guard head.major == .array, !head.isIndefinite,
            let count = Int(exactly: head.argument), counts.contains(count)
        else {
            throw .malformed(
                "not an array of \(counts.lowerBound) to \(counts.upperBound) items", offset: start)
        }
        return count
    }

    /// Reads the head of an array with exactly `count` items.
    package mutating func array(count: Int) throws(WireError) {
        let start = offset
        let head = try self.head()
        guard head.major == .array, !head.isIndefinite, head.argument == UInt64(count) else {
            throw .malformed("not an array of \(count) items", offset: start)
        }
    }

    /// Reads an array of any length whose items are alike.
    package mutating func list<Item>(
        _ item: (inout CBORReader) throws(WireError) -> Item
    ) throws(WireError) -> [Item] {
        let start = offset
        let head = try self.head()
        guard head.major == .array else {
            throw .malformed("\(head.noun) where an array must stand", offset: start)
        }
        let count = try enter(head)
        var items: [Item] = []
        while try hasItem(items.count, of: count) { items.append(try item(&self)) }
        leave()
        return items
    }

    /// Reads a map with text keys; `field` reads the value of each key, or skips it if it is unknown.
    package mutating func fields(
        _ field: (inout CBORReader, String) throws(WireError) -> Void
    ) throws(WireError) {
        let start = offset
        let head = try self.head()
        guard head.major == .map else {
            throw .malformed("\(head.noun) where a map must stand", offset: start)
        }
        let count = try enter(head)
        var index = 0
        while try hasItem(index, of: count) {
            let key = try text()
            try field(&self, key)
            index += 1
        }
        leave()
    }
}
