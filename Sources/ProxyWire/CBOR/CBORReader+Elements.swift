/// Elements of one type in a row: the content of an array, a numpy scalar or a list of numbers.
package struct Elements {
    package let type: ElementType
    package let isBigEndian: Bool
    /// Not necessarily aligned.
    package let bytes: UnsafeRawBufferPointer
    /// The shared memory that `bytes` are in. With a reference to it they can be used without a copy.
    package let loan: (any Loan)?

    package init(
        type: ElementType, isBigEndian: Bool, bytes: UnsafeRawBufferPointer,
        loan: (any Loan)? = nil
    ) {
        self.type = type
        self.isBigEndian = isBigEndian
        self.bytes = bytes
        self.loan = loan
    }

    package var count: Int { bytes.count / type.size }
}

extension CBORReader {
    /// Reads the elements whose outermost tag was just read.
    package mutating func elements(tag: UInt64) throws(WireError) -> Elements {
        let start = offset
        switch tag {
        case CBORTag.booleanElements:
            return try elements(.bool, isBigEndian: false)
        case CBORTag.complexElements:
            let inner = try head()
            guard inner.major == .tag, let number = ElementType.typedArray(tag: inner.argument)
            else { throw .malformed("complex elements without a typed array", offset: start) }
            switch number.element {
            case .float32: return try elements(.complex64, isBigEndian: number.isBigEndian)
            case .float64: return try elements(.complex128, isBigEndian: number.isBigEndian)
            default: throw .malformed("complex elements of \(number.element)", offset: start)
            }
        default:
            guard let number = ElementType.typedArray(tag: tag) else {
                throw .malformed("tag \(tag) is not a typed array", offset: start)
            }
            return try elements(number.element, isBigEndian: number.isBigEndian)
        }
    }

    /// Reads a tag and the elements behind it.
    package mutating func elements() throws(WireError) -> Elements {
        let start = offset
        let head = try self.head()
        guard head.major == .tag else {
            throw .malformed(
                "\(head.noun) where the elements of an array must stand", offset: start)
        }
        return try elements(tag: head.argument)
    }

    /// Reads a multi-dimensional array (RFC 8746) whose tag was just read: its shape and elements.
    package mutating func rowMajorArray() throws(WireError) -> (shape: [Int], elements: Elements) {
        let start = offset
        try array(count: 2)
        let dimensions = try head()
        guard dimensions.major == .array, !dimensions.isIndefinite, dimensions.argument <= 64 else {
            throw .malformed("an array has at most 64 dimensions, given as a list", offset: start)
        }
        var shape: [Int] = []
        var count = 1
        // Without the dimensions that are zero: strides must not overflow either.
        var extent = 1
        for _ in 0..<dimensions.argument {
            guard let dimension = Int(exactly: try unsigned()) else {
                throw .malformed("a dimension is too large", offset: start)
            }
            shape.append(dimension)
            let (product, overflow) = extent.multipliedReportingOverflow(by: max(dimension, 1))
            guard !overflow else { throw .malformed("a shape is too large", offset: start) }
            extent = product
            count = dimension == 0 ? 0 : count * dimension
        }
        let elements = try self.elements()
        guard elements.count == count else {
            throw .malformed(
                "shape \(shape) does not hold \(elements.count) elements", offset: start)
        }
        return (shape, elements)
    }

    private mutating func elements(
        _ type: ElementType, isBigEndian: Bool
    ) throws(WireError) -> Elements {
        let start = offset
        let head = try self.head()
        let bytes: UnsafeRawBufferPointer
        var loan: (any Loan)?
        if head.major == .bytes, !head.isIndefinite {
            bytes = try content(of: head)
        } else if head.major == .tag, head.argument == CBORTag.sharedBytes {
            let shared = try sharedBytes()
            bytes = shared.bytes
            loan = shared.loan
        } else {
            throw .malformed("\(head.noun) where the bytes of an array must stand", offset: start)
        }
        guard bytes.count.isMultiple(of: type.size) else {
            throw .malformed(
                "\(bytes.count) bytes are no whole number of \(type) elements", offset: start)
        }
        return Elements(type: type, isBigEndian: isBigEndian, bytes: bytes, loan: loan)
    }

    /// Reads where bytes in shared memory are, whose tag was just read.
    package mutating func sharedBytes() throws(WireError) -> (
        bytes: UnsafeRawBufferPointer, loan: any Loan
    ) {
        let start = self.offset
        try array(count: 3)
        let (position, offset, length) = (try unsigned(), try unsigned(), try unsigned())
        guard let loans = loans?.takeUnretainedValue().loans, position < UInt64(loans.count) else {
            throw .malformed("segment \(position) is not in the frame's table", offset: start)
        }
        let loan = loans[Int(position)]
        let available = UInt64(loan.bytes.count)
        guard offset <= available, length <= available - offset else {
            throw .malformed(
                "\(length) bytes at \(offset) of a segment of \(available)", offset: start)
        }
        let bytes = loan.bytes[Int(offset)..<Int(offset + length)]
        return (UnsafeRawBufferPointer(rebasing: bytes), loan)
    }

    /// Reads a byte string, in the frame or in shared memory.
    package mutating func byteString() throws(WireError) -> [UInt8] {
        let start = offset
        let head = try self.head()
        if head.major == .tag, head.argument == CBORTag.sharedBytes {
            return Array(try sharedBytes().bytes)
        }
        guard head.major == .bytes else {
            throw .malformed("\(head.noun) where bytes must stand", offset: start)
        }
        if !head.isIndefinite { return Array(try content(of: head)) }
        var bytes: [UInt8] = []
        try chunks(of: head) { bytes.append(contentsOf: $0) }
        return bytes
    }
}
