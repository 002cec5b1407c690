import ProxyWire

// Ranges of integers are ranges of Python. (Others are Codable as Swift has it: a list of two bounds.)

extension Range: PythonEncodable where Bound: FixedWidthInteger & Encodable {
    /// Writes a range.
    func encode(into writer: inout PythonWriter) throws {
        try PythonRange(PythonInteger(lowerBound), PythonInteger(upperBound))
            .encode(into: &writer)
    }
}

extension ClosedRange: PythonEncodable where Bound: FixedWidthInteger & Encodable {
    /// Writes a range that ends before the number after the upper bound.
    func encode(into writer: inout PythonWriter) throws {
        let (next, overflow) = Int128(clamping: upperBound).addingReportingOverflow(1)
        guard !overflow, Int128(exactly: upperBound) != nil else {
            throw ConversionError("\(self) ends at the largest number; pass a Range")
        }
        try PythonRange(PythonInteger(lowerBound), PythonInteger(next)).encode(into: &writer)
    }
}

extension Range: PythonDecodable where Bound: FixedWidthInteger & Decodable {
    /// Reads a range with step 1.
    init(from reader: inout PythonReader) throws {
        let range = try PythonRange(from: &reader)
        guard range.step == PythonInteger(1), let start = Bound(exactly: range.start),
            let stop = Bound(exactly: range.stop)
        else { throw ConversionError("expected \(Self.self), found \(range)") }
        self = start..<Swift.max(start, stop)
    }
}

extension ClosedRange: PythonDecodable where Bound: FixedWidthInteger & Decodable {
    /// Reads a range with step 1, which is not empty.
    init(from reader: inout PythonReader) throws {
        let range = try Range<Bound>(from: &reader)
        guard !range.isEmpty else {
            throw ConversionError("expected \(Self.self), found an empty range")
        }
        self = range.lowerBound...(range.upperBound - 1)
    }
}
