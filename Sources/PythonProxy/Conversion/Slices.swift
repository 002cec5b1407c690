import ProxyWire

// Parts of texts and arrays are arguments like the whole. The standard library has no conformance of its own, and
// `any Encodable` is what an argument is.

extension Substring: @retroactive Encodable, PythonEncodable {
    /// As the text of the same characters.
    public func encode(to encoder: any Encoder) throws { try String(self).encode(to: encoder) }

    /// Writes a str.
    func encode(into writer: inout PythonWriter) { String(self).encode(into: &writer) }
}

extension ArraySlice: @retroactive Encodable where Element: Encodable {
    /// As the array of the same elements.
    public func encode(to encoder: any Encoder) throws { try Array(self).encode(to: encoder) }
}

extension ArraySlice: PythonEncodable where Element: Encodable {
    /// Writes a list.
    func encode(into writer: inout PythonWriter) throws {
        try Array(self).encode(into: &writer)
    }
}
