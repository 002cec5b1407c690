import Foundation
import ProxyWire

extension PythonTaggedValue {
    /// The value in terms of what other formats have. Times keep their zone.
    fileprivate var simplified: PythonValue {
        let whole = PythonValue.tagged(self)
        if let frame = dataFrame {
            let columns = frame.values.map(\.simplified)
            return .dictionary(PythonDictionary(zip(frame.columnLabels, columns)))
        }
        if let object = try? whole.as(PandasObject.self), object.kind == .zonedDatetimes,
            case .array(let array)? = object.parts.first
        {
            return .list(
                array.elementValues.map { value in
                    value == .none ? .none : .string(value.description + "Z")
                })
        }
        guard let plain = try? plain(asList: false) else { return .string(description) }
        if case .scalar = plain { return .string(description) }
        return plain == whole ? .string(description) : plain.simplified
    }
}

extension PythonValue {
    /// The value in terms of built-in types. Nil for values that are plain already or have no plain form.
    ///
    /// - Parameter asList: whether a list is wanted, rather than a dict, where there are both.
    func plain(asList: Bool) throws -> PythonValue? {
        switch self {
        case .set(let items), .frozenset(let items): .list(WrittenOrder.sorted(items))
        case .tagged(let value): try value.plain(asList: asList)
        case .array(let array) where array.dtype.element == nil: array.nestedValue
        case .scalar(let array) where array.dtype.element == nil:
            switch array.dtype {
            case .datetime64, .timedelta64: nil
            default: array.elementValues.first
            }
        default: nil
        }
    }

    /// Whether the value is None or NaN.
    var isMissing: Bool {
        switch self {
        case .none: true
        case .double(let value): value.isNaN
        default: false
        }
    }

    /// A word for the value, for errors: "a list".
    var noun: String {
        switch self {
        case .none: "None"
        case .bool: "a bool"
        case .int: "an int"
        case .bigInt: "an int of more than 64 bits"
        case .double: "a float"
        case .complex: "a complex"
        case .string: "a str"
        case .bytes: "bytes"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dictionary: "a dict"
        case .set: "a set"
        case .frozenset: "a frozenset"
        case .array(let array): "a numpy array of \(array.dtype)"
        case .scalar(let array): "a numpy \(array.dtype.scalarName)"
        case .tagged(let value): "a \(value.className)"
        case .object(let value): "\(value)"
        case .opaque(let value): value.description
        }
    }

    /// The values of a column of pandas: an array of numbers, or a list.
    func plainColumn() throws -> PythonValue {
        switch self {
        case .array(let array) where array.dtype.element != nil: self
        case .list, .tuple: self
        default: try plain(asList: true)?.plainColumn() ?? self
        }
    }

    /// The items of a sequence or index.
    func plainItems() throws -> [PythonValue] {
        switch try plainColumn() {
        case .list(let items), .tuple(let items): return items
        case .array(let array): return array.elementValues
        default: throw ContentMismatch()
        }
    }

    /// The value in terms of what other formats have; what has no plain form becomes its text.
    package var simplified: PythonValue {
        switch self {
        case .set, .frozenset: return (try? plain(asList: false)) ?? .string(description)
        case .tagged(let value): return value.simplified
        case .array(let array): return array.nestedValue
        case .scalar(let array):
            let element = array.elementValues.first ?? .none
            // A date or duration of numpy has no simpler form than its text.
            return element == self ? .string(description) : element
        case .object, .opaque: return .string(description)
        case .none, .bool, .int, .bigInt, .double, .complex, .string, .bytes, .list, .tuple,
            .dictionary:
            return self
        }
    }
}
