import ProxyWire

/// The type of an array's elements, named as numpy names it.
public enum DType: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float16, float32, float64
    case complex64, complex128

    /// The size of one element in bytes.
    public var size: Int { element.size }

    public var description: String { rawValue }

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

    var element: ElementType {
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
        }
    }
}
