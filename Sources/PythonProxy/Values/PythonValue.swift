import Foundation
import RealModule

@_exported import struct ComplexModule.Complex

/// A Python value of any type that crosses by value: what an untyped call returns.
///
/// ```swift
/// let answer = try await proxy.summary(data)
/// let mean: Double = try answer["mean"].as()
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
    /// A numpy array.
    case array(AnyNDArray)
    /// A numpy scalar such as `numpy.float32(1)`: an array without dimensions.
    case scalar(AnyNDArray)

    // Indirect, so that all the others do not take as much memory as the largest of these.
    case bytearray([UInt8])
    indirect case memoryview(PythonMemoryView)
    case set(Set<PythonValue>)
    case frozenset(Set<PythonValue>)
    indirect case range(PythonRange)
    indirect case slice(PythonSlice)
    indirect case decimal(PythonDecimal)
    indirect case fraction(PythonFraction)
    indirect case datetime(PythonDateTime)
    indirect case date(PythonDate)
    indirect case time(PythonTime)
    indirect case timedelta(PythonTimeDelta)
    indirect case uuid(UUID)
    indirect case path(PythonPath)
    /// A member of an enumeration.
    indirect case enumeration(PythonEnum)
    indirect case namedTuple(PythonNamedTuple)
    indirect case dataclass(PythonDataclass)
    /// A `types.SimpleNamespace`: its attributes by name.
    case namespace(PythonDictionary)
    /// A numpy masked array.
    indirect case maskedArray(MaskedArray)
    /// A matrix or array of scipy.sparse.
    indirect case sparseArray(SparseArray)
    indirect case dataFrame(PandasDataFrame)
    indirect case series(PandasSeries)
    /// Any other value of pandas.
    indirect case pandas(PandasObject)
    /// An object of COMPAS.
    indirect case compas(CompasData)
    /// What could not be copied.
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
    /// Converts the value to a Swift type, by the rules for typed results.
    ///
    /// - Throws: `ProxyError.conversion` if the value is of another type or would lose something.
    public func `as`<Value: PythonDecodable>(_ type: Value.Type = Value.self) throws -> Value {
        try ValueCoding.decode(type, from: try ValueCoding.encode(self))
    }

    /// Converts the value to a type of yours.
    ///
    /// - Throws: `ProxyError.conversion` if the value is of another type or would lose something.
    @_disfavoredOverload
    public func `as`<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try ValueCoding.decode(type, from: try ValueCoding.encode(self))
    }

    /// The item at a position of a list or tuple, counted from the end if negative; or the value for an
    /// int key of a dict. `.none` if there is no such item.
    public subscript(position: Int) -> PythonValue {
        switch self {
        case .namedTuple(let tuple):
            return PythonValue.list(tuple.values)[position]
        case .list(let items), .tuple(let items):
            let index = position < 0 ? items.count + position : position
            return items.indices.contains(index) ? items[index] : .none
        case .dictionary(let dictionary):
            return dictionary[.int(position)] ?? .none
        default:
            return .none
        }
    }

    /// The value for a key of a dict, or of a field, attribute or column of that name. `.none` if there is none.
    public subscript(key: String) -> PythonValue { self[.string(key)] }

    /// The value for a key of a dict. `.none` if there is no such key.
    public subscript(key: PythonValue) -> PythonValue {
        switch self {
        case .dictionary(let fields), .namespace(let fields): return fields[key] ?? .none
        case .dataclass(let value): return value.fields[key] ?? .none
        case .namedTuple(let tuple):
            if case .string(let name) = key { return tuple[name] ?? .none }
        case .compas(let object): return object.data[key]
        case .dataFrame(let frame): return (try? frame.column(key)) ?? .none
        default: break
        }
        if case .int(let position) = key { return self[position] }
        return .none
    }

    /// The number of items of a list, tuple or dict, or of elements of an array; nil for other values.
    public var count: Int? {
        switch self {
        case .list(let items), .tuple(let items): items.count
        case .dictionary(let dictionary): dictionary.count
        case .array(let array): array.count
        case .set(let items), .frozenset(let items): items.count
        case .namedTuple(let tuple): tuple.values.count
        default: nil
        }
    }
}
