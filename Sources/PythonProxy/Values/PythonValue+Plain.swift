import Foundation
import ProxyWire

extension PythonValue {
    /// The value without what only its own type has: as lists, dicts and the like. Nil for values that are
    /// plain already or have no plain form.
    ///
    /// - Parameter asList: whether a list is wanted, rather than a dict, where there are both.
    func plain(asList: Bool) throws -> PythonValue? {
        switch self {
        case .set(let items), .frozenset(let items): .list(Array(items))
        case .bytearray(let bytes): .bytes(bytes)
        case .memoryview(let view): .bytes(view.bytes)
        case .range(let range): try range.list()
        case .path(let path): path.string.map { .string($0) }
        case .uuid(let uuid): .string(uuid.uuidString.lowercased())
        case .maskedArray(let array): array.nestedValue
        case .dataFrame(let frame): asList ? try frame.rowsView() : try frame.columnsView()
        case .series(let series): try series.values.plainColumn()
        case .pandas(let object): try object.view()
        case .namedTuple(let tuple): asList ? .tuple(tuple.values) : .dictionary(tuple.fields)
        case .array(let array) where array.dtype.element == nil: array.nestedValue
        case .scalar(let array) where array.dtype.element == nil:
            switch array.dtype {
            case .datetime64, .timedelta64: nil
            default: array.elementValues.first
            }
        default: nil
        }
    }

    /// The values of a column of pandas: an array of numbers, or a list.
    func plainColumn() throws -> PythonValue {
        if case .array(let array) = self, array.dtype.element != nil { return self }
        return try plain(asList: true) ?? self
    }

    /// The items of a sequence or index.
    func plainItems() throws -> [PythonValue] {
        switch try plainColumn() {
        case .list(let items), .tuple(let items): return items
        case .array(let array): return array.elementValues
        default: throw ContentMismatch()
        }
    }

    /// The value in terms of the built-in types, for formats that have no more: what has no plain form becomes
    /// a text or a dict.
    package var simplified: PythonValue {
        switch self {
        case .none, .bool, .int, .bigInt, .double, .complex, .string, .bytes, .list, .tuple,
            .dictionary:
            return self
        case .enumeration(let value): return value.value
        case .dataclass(let value): return .dictionary(value.fields)
        case .namespace(let fields): return .dictionary(fields)
        case .slice(let slice): return [slice.start, slice.stop, slice.step]
        case .decimal(let value): return .string(value.description)
        case .fraction(let value): return .string(value.description)
        case .datetime(let value): return .string(value.description)
        case .date(let value): return .string(value.description)
        case .time(let value): return .string(value.localText)
        case .timedelta(let value):
            return .double(Double(value.seconds) + Double(value.microseconds) / 1_000_000)
        case .path(let value): return .string(value.description)
        case .compas(let object):
            return ["dtype": .string(object.dtype), "data": object.data]
        case .sparseArray(let array):
            let (_, content) = array.tagged
            return content
        case .scalar(let array):
            let element = array.elementValues.first ?? .none
            // A date or duration of numpy has no simpler form than its text.
            return element == self
                ? .string(description.trimmingCharacters(in: ["'"])) : element
        case .array(let array): return array.nestedValue
        case .opaque(let value): return .string(value.description)
        case .bytearray, .memoryview, .set, .frozenset, .range, .uuid,
            .namedTuple, .maskedArray, .dataFrame, .series, .pandas:
            let plain = try? plain(asList: false)
            return plain ?? .string(description)
        }
    }
}
