import ProxyWire

extension PythonReader {
    /// Reads a number, a Boolean or an element of an array; nil if the next value is none of these, which
    /// is then still the next value.
    mutating func number() throws -> ElementValue? {
        if let part {
            guard part.shape.isEmpty else { return nil }
            place = .frame
            return part.elements.number(at: 0)
        }
        guard isInFrame else { return nil }
        let head = try cbor.peek()
        switch head.major {
        case .unsigned:
            _ = try cbor.head()
            return .unsigned(head.argument)
        case .negative where head.argument <= UInt64(Int64.max):
            _ = try cbor.head()
            return .signed(-1 - Int64(head.argument))
        case .simple where head.isFloat:
            _ = try cbor.head()
            return .double(head.double)
        case .simple where head.isBoolean:
            _ = try cbor.head()
            return .bool(head.info == 21)
        case .tag: return try taggedNumber(head.argument)
        case .negative, .bytes, .text, .array, .map, .simple: return nil
        }
    }

    private mutating func taggedNumber(_ tag: UInt64) throws -> ElementValue? {
        switch tag {
        case CBORTag.numpyScalar:
            _ = try cbor.head()
            return try scalarElements().number(at: 0)
        case CBORTag.rowMajorArray:
            // An array without dimensions is its one element.
            var ahead = cbor
            _ = try ahead.head()
            let (shape, elements) = try ahead.rowMajorArray()
            guard shape.isEmpty else { return nil }
            cbor = ahead
            return elements.number(at: 0)
        case CBORTag.complex:
            _ = try cbor.head()
            return .complex(try complexParts())
        default: return nil
        }
    }

    /// Reads the element of a numpy scalar whose tag was just read.
    mutating func scalarElements() throws -> Elements {
        let elements = try cbor.elements()
        guard elements.count == 1 else {
            throw WireError.malformed("a numpy scalar of other than one element", offset: 0)
        }
        return elements
    }

    /// Reads the parts of a complex number whose tag was just read.
    mutating func complexParts() throws -> Complex<Double> {
        try cbor.array(count: 2)
        let (real, imaginary) = (try cbor.head(), try cbor.head())
        guard real.isFloat, imaginary.isFloat else {
            throw WireError.malformed("a complex number that is no pair of floats", offset: 0)
        }
        return Complex(real.double, imaginary.double)
    }

    /// Reads an int of any size.
    mutating func integer() throws -> PythonInteger? {
        guard isInFrame else { return nil }
        let head = try cbor.peek()
        if head.major == .negative, head.argument > UInt64(Int64.max) {
            _ = try cbor.head()
            return PythonInteger(-1 - Int128(head.argument))
        }
        guard head.major == .tag,
            [CBORTag.positiveBignum, CBORTag.negativeBignum].contains(head.argument)
        else { return nil }
        _ = try cbor.head()
        let content = try cbor.head()
        guard content.major == .bytes else {
            throw WireError.malformed("a bignum that is no bytes", offset: 0)
        }
        var bytes: [UInt8] = []
        try cbor.chunks(of: content) { bytes.append(contentsOf: $0) }
        guard head.argument == CBORTag.negativeBignum else {
            return PythonInteger(isNegative: false, magnitude: bytes)
        }
        // The bytes are n for the number −1 − n: add one, carrying to the left.
        var index = bytes.count - 1
        while index >= 0, bytes[index] == 0xFF {
            bytes[index] = 0
            index -= 1
        }
        if index >= 0 { bytes[index] += 1 } else { bytes.insert(1, at: 0) }
        return PythonInteger(isNegative: true, magnitude: bytes)
    }
}
