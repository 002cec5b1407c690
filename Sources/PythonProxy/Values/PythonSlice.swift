import ProxyWire

/// A Python slice: what stands in the brackets of `a[start:stop:step]`.
public struct PythonSlice: Sendable, Hashable {
    public var start: PythonValue
    public var stop: PythonValue
    public var step: PythonValue

    public init(_ start: PythonValue, _ stop: PythonValue, _ step: PythonValue = .none) {
        self.start = start
        self.stop = stop
        self.step = step
    }
}

extension PythonSlice: CustomStringConvertible {
    public var description: String { "slice(\(start), \(stop), \(step))" }
}

extension PythonSlice: TaggedValue {
    static var tags: [UInt64] { [CBORTag.slice] }

    var tagged: (tag: UInt64, content: PythonValue) { (CBORTag.slice, [start, stop, step]) }

    init(tag: UInt64, content: PythonValue) throws {
        let parts = try content.items(3)
        self.init(parts[0], parts[1], parts[2])
    }
}
