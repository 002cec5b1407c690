import ProxyWire

extension Elements {
    /// Brings a copy of the elements into the form of this machine: its byte order, and only 0 and 1 for
    /// Booleans, because any other byte is not a Bool.
    func normalise(_ bytes: UnsafeMutableRawBufferPointer) {
        if type == .bool {
            for index in bytes.indices where bytes[index] > 1 { bytes[index] = 1 }
        }
        if isBigEndian { type.swapBytes(bytes) }
    }

    /// Whether the bytes can be used as they are. Booleans cannot: whoever else sees the memory could write
    /// something that is no Bool.
    var isInNativeForm: Bool {
        !isBigEndian && type != .bool
            && Int(bitPattern: bytes.baseAddress).isMultiple(of: type.numberSize)
    }

    /// The elements from `start` up to `end`.
    subscript(_ range: Range<Int>) -> Elements {
        Elements(
            type: type, isBigEndian: isBigEndian,
            bytes: UnsafeRawBufferPointer(
                rebasing: bytes[range.lowerBound * type.size..<range.upperBound * type.size]),
            loan: loan)
    }

    /// One element, as the most general value of its kind.
    func number(at index: Int) -> ElementValue {
        let offset = index * type.size
        func load<Bits: FixedWidthInteger>(_: Bits.Type, _ offset: Int) -> Bits {
            let bits = bytes.loadUnaligned(fromByteOffset: offset, as: Bits.self)
            return isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)
        }
        func double(_ offset: Int) -> Double { Double(bitPattern: load(UInt64.self, offset)) }
        func float(_ offset: Int) -> Double {
            Double(Float(bitPattern: load(UInt32.self, offset)))
        }
        return switch type {
        case .bool: .bool(bytes[offset] != 0)
        case .int8: .signed(Int64(load(Int8.self, offset)))
        case .int16: .signed(Int64(load(Int16.self, offset)))
        case .int32: .signed(Int64(load(Int32.self, offset)))
        case .int64: .signed(load(Int64.self, offset))
        case .uint8: .unsigned(UInt64(load(UInt8.self, offset)))
        case .uint16: .unsigned(UInt64(load(UInt16.self, offset)))
        case .uint32: .unsigned(UInt64(load(UInt32.self, offset)))
        case .uint64: .unsigned(load(UInt64.self, offset))
        case .float16: .double(Double(halfBits: load(UInt16.self, offset)))
        case .float32: .double(float(offset))
        case .float64: .double(double(offset))
        case .complex64: .complex(Complex(float(offset), float(offset + 4)))
        case .complex128: .complex(Complex(double(offset), double(offset + 8)))
        }
    }
}

/// An element of an array whose type is known only at run time.
enum ElementValue {
    case bool(Bool)
    case signed(Int64)
    case unsigned(UInt64)
    case double(Double)
    case complex(Complex<Double>)
}
