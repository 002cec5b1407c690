import ProxyWire

/// A Python range.
public struct PythonRange: Sendable, Hashable {
    public var start: PythonInteger
    public var stop: PythonInteger
    /// Not zero.
    public var step: PythonInteger

    public init(_ start: Int, _ stop: Int, step: Int = 1) {
        self.init(PythonInteger(start), PythonInteger(stop), step: PythonInteger(step))
    }

    init(_ start: PythonInteger, _ stop: PythonInteger, step: PythonInteger = PythonInteger(1)) {
        self.start = start
        self.stop = stop
        self.step = step
    }

    /// The numbers as a list.
    ///
    /// - Throws: `ConversionError` if they are too many for one.
    func list() throws -> PythonValue {
        guard let start = Int(exactly: start), let stop = Int(exactly: stop),
            let step = Int(exactly: step), step != 0, step != .min
        else { throw ConversionError("\(self) has numbers of more than 64 bits") }
        let (distance, overflow) = stop.subtractingReportingOverflow(start)
        guard !overflow, abs(Double(distance) / Double(step)) <= 16_777_216 else {
            throw ConversionError("\(self) has too many numbers for a list")
        }
        return .list(stride(from: start, to: stop, by: step).map { PythonValue.int($0) })
    }
}

extension PythonRange: CustomStringConvertible {
    public var description: String {
        "range(\(start), \(stop)" + (step == PythonInteger(1) ? ")" : ", \(step))")
    }
}

extension PythonRange: TaggedValue {
    static var tags: [UInt64] { [CBORTag.range] }

    var tagged: (tag: UInt64, content: PythonValue) {
        (CBORTag.range, .list([PythonValue(start), PythonValue(stop), PythonValue(step)]))
    }

    init(tag: UInt64, content: PythonValue) throws {
        let numbers = try content.items(3).map { try $0.integer() }
        (start, stop, step) = (numbers[0], numbers[1], numbers[2])
    }
}
