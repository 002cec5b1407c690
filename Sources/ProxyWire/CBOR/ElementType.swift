/// The type of the elements of an array: numpy's dtype, as it stands on the wire.
///
/// Numbers are RFC 8746 typed arrays. Booleans and complex numbers, which RFC 8746 lacks, have tags
/// of this protocol.
package enum ElementType: UInt8, Sendable, CaseIterable {
    case bool
    case int8, int16, int32, int64
    case uint8, uint16, uint32, uint64
    case float16, float32, float64
    case complex64, complex128

    /// The size of one element in bytes.
    package var size: Int {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16, .float16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64, .complex64: 8
        case .complex128: 16
        }
    }

    /// numpy's name of the dtype.
    package var name: String { "\(self)" }

    /// The RFC 8746 tag of the numbers that make up the elements, in little-endian order.
    var typedArrayTag: UInt64? {
        switch self {
        case .bool: nil
        case .uint8: 64
        case .uint16: 69
        case .uint32: 70
        case .uint64: 71
        case .int8: 72
        case .int16: 77
        case .int32: 78
        case .int64: 79
        case .float16: 84
        case .float32, .complex64: 85
        case .float64, .complex128: 86
        }
    }

    /// The type and byte order that an RFC 8746 tag stands for.
    static func typedArray(tag: UInt64) -> (element: ElementType, isBigEndian: Bool)? {
        switch tag {
        case 64, 68: (.uint8, false)
        case 65: (.uint16, true)
        case 66: (.uint32, true)
        case 67: (.uint64, true)
        case 69: (.uint16, false)
        case 70: (.uint32, false)
        case 71: (.uint64, false)
        case 72: (.int8, false)
        case 73: (.int16, true)
        case 74: (.int32, true)
        case 75: (.int64, true)
        case 77: (.int16, false)
        case 78: (.int32, false)
        case 79: (.int64, false)
        case 80: (.float16, true)
        case 81: (.float32, true)
        case 82: (.float64, true)
        case 84: (.float16, false)
        case 85: (.float32, false)
        case 86: (.float64, false)
        default: nil
        }
    }
}
