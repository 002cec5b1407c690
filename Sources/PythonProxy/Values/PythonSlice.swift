import ProxyWire

/// A Python slice: what stands in the brackets of `a[start:stop:step]`.
public struct PythonSlice: Sendable, Hashable {
    public var start: PythonValue
    public var stop: PythonValue
    public var step: PythonValue

    /// A slice of positions; nil is as far as there are any.
    public init(_ start: Int?, _ stop: Int?, step: Int? = nil) {
        func value(_ position: Int?) -> PythonValue { position.map { .int($0) } ?? .none }
        self.init(value(start), value(stop), step: value(step))
    }

    /// A slice of anything, such as labels.
    @_disfavoredOverload
    public init(_ start: PythonValue, _ stop: PythonValue, step: PythonValue = .none) {
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
        self.init(parts[0], parts[1], step: parts[2])
    }
}
