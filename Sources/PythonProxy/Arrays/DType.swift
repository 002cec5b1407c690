import ProxyWire

/// The type of an array's elements, named as numpy names it.
public enum DType: Sendable, Hashable {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float16, float32, float64
    case complex64, complex128
    case datetime64(TimeUnit)
    case timedelta64(TimeUnit)
    /// Byte strings of at most so many bytes ("S").
    case bytes(length: Int)
    /// Texts of at most so many Unicode scalars ("U").
    case str(length: Int)
    /// Uninterpreted bytes ("V").
    case void(length: Int)
    /// Records.
    case structured(StructuredDType)

    /// The size of one element in bytes.
    public var size: Int {
        switch self {
        case .bytes(let length), .void(let length): length
        case .str(let length): 4 * length
        case .datetime64, .timedelta64: 8
        case .structured(let type): type.itemSize
        default: element?.size ?? 0
        }
    }

    /// Whether the elements are datetime64 or timedelta64.
    var isTime: Bool {
        switch self {
        case .datetime64, .timedelta64: true
        default: false
        }
    }

    /// The dtype as the element type of RFC 8746 and its like; nil if it is no number.
    var element: ElementType? {
        switch self {
        case .bool: .bool
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .uint8: .uint8
        case .uint16: .uint16
        case .uint32: .uint32
        case .uint64: .uint64
        case .float16: .float16
        case .float32: .float32
        case .float64: .float64
        case .complex64: .complex64
        case .complex128: .complex128
        case .datetime64, .timedelta64, .bytes, .str, .void, .structured: nil
        }
    }

    init(_ element: ElementType) {
        self =
            switch element {
            case .bool: .bool
            case .int8: .int8
            case .int16: .int16
            case .int32: .int32
            case .int64: .int64
            case .uint8: .uint8
            case .uint16: .uint16
            case .uint32: .uint32
            case .uint64: .uint64
            case .float16: .float16
            case .float32: .float32
            case .float64: .float64
            case .complex64: .complex64
            case .complex128: .complex128
            }
    }
}

extension DType: CustomStringConvertible {
    /// As numpy's `str(dtype)`.
    public var description: String {
        switch self {
        case .datetime64(let unit): "datetime64" + (unit.base == nil ? "" : "[\(unit)]")
        case .timedelta64(let unit): "timedelta64" + (unit.base == nil ? "" : "[\(unit)]")
        case .bytes(let length): "|S\(length)"
        case .str(let length): "<U\(length)"
        case .void(let length): "|V\(length)"
        case .structured(let type): type.description
        default: element?.name ?? ""
        }
    }
}
