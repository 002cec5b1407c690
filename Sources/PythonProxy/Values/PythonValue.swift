import Foundation
import RealModule

@_exported import struct ComplexModule.Complex

/// A Python value of any type that crosses by value: what an untyped call returns.
///
/// ```swift
/// let answer = try await proxy.summary(data)
/// let mean = try answer["mean"].as(Double.self)
/// for name in answer["names"] { print(name) }
/// ```
///
/// Two values are equal if they have the same type and the same content, so `.int(1)` is not equal to
/// `.double(1)`, unlike in Python. As everywhere, NaN is equal to nothing.
public enum PythonValue: Sendable, Hashable {
    case none
    case bool(Bool)
    /// An int that fits 64 bits.
    case int(Int)
    /// Any other int.
    case bigInt(PythonInteger)
    case double(Double)
    case complex(Complex<Double>)
    case string(String)
    case bytes([UInt8])
    case list([PythonValue])
    case tuple([PythonValue])
    case dictionary(PythonDictionary)
    case set(Set<PythonValue>)
    case frozenset(Set<PythonValue>)
    /// A numpy array.
    case array(AnyNDArray)
    /// A numpy scalar such as `numpy.float32(1)`: an array without dimensions.
    case scalar(AnyNDArray)
    // Indirect, so that all the others do not take as much memory as the largest of these.
    /// Any other value, such as a `PythonDateTime`, a `PandasDataFrame`, a `CompasData`: ask for it with `as`.
    indirect case tagged(PythonTaggedValue)
    /// What stays on the server: it cannot be copied, or is large.
    indirect case object(PythonObject)
    /// What is not there, or could not be kept on the server.
    indirect case opaque(PythonOpaqueValue)
}

extension PythonValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .none }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    /// A list.
    public init(arrayLiteral elements: PythonValue...) { self = .list(elements) }
    /// A dict. Of entries with equal keys the last one counts, as in Python.
    public init(dictionaryLiteral elements: (PythonValue, PythonValue)...) {
        self = .dictionary(PythonDictionary(elements))
    }
}

extension PythonValue {
    /// What a Swift value is in Python.
    ///
    /// - Throws: `ProxyError.conversion` if it cannot be passed to Python.
    public init(_ value: some Encodable) throws {
        self = try ValueCoding.decode(PythonValue.self, from: try ValueCoding.encode(value))
    }

    /// Converts the value to a Swift type, by the rules for typed results.
    ///
    /// - Throws: `ProxyError.conversion` if the value is of another type or would lose something.
    public func `as`<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try ValueCoding.decode(type, from: try ValueCoding.encode(self))
    }

    /// The number of items of a list, tuple, dict or set, or of elements of an array; nil for other values.
    public var count: Int? {
        switch self {
        case .list(let items), .tuple(let items): items.count
        case .dictionary(let dictionary): dictionary.count
        case .array(let array): array.count
        case .set(let items), .frozenset(let items): items.count
        case .tagged(let value):
            if case .tuple(let items)? = try? value.plain(asList: true) { items.count } else { nil }
        default: nil
        }
    }
}
