/// Writes CBOR data items (RFC 8949) straight into a frame.
///
/// Integers and lengths take their shortest form; floats are always 64 bits wide, so that every NaN
/// and every −0.0 arrives as it was sent. The writer does not check that containers get the number of
/// items they announced: that is the caller's promise.
package struct CBORWriter {
    package let buffer: FrameBuffer

    package init(_ buffer: FrameBuffer) {
        self.buffer = buffer
    }

    @inlinable
    package func head(_ major: CBORHead.Major, _ argument: UInt64) {
        let initial = major.rawValue << 5
        if argument < 24 {
            buffer.extend(by: 1).storeBytes(of: initial | UInt8(argument), as: UInt8.self)
        } else {
            longHead(initial, argument)
        }
    }

    @usableFromInline
    func longHead(_ initial: UInt8, _ argument: UInt64) {
        switch argument {
        case ...0xFF:
            let bytes = buffer.extend(by: 2)
            bytes.storeBytes(of: initial | 24, as: UInt8.self)
            bytes.storeBytes(of: UInt8(argument), toByteOffset: 1, as: UInt8.self)
        case ...0xFFFF:
            let bytes = buffer.extend(by: 3)
            bytes.storeBytes(of: initial | 25, as: UInt8.self)
            bytes.storeBytes(of: UInt16(argument).bigEndian, toByteOffset: 1, as: UInt16.self)
        case ...0xFFFF_FFFF:
            let bytes = buffer.extend(by: 5)
            bytes.storeBytes(of: initial | 26, as: UInt8.self)
            bytes.storeBytes(of: UInt32(argument).bigEndian, toByteOffset: 1, as: UInt32.self)
        default:
            let bytes = buffer.extend(by: 9)
            bytes.storeBytes(of: initial | 27, as: UInt8.self)
            bytes.storeBytes(of: argument.bigEndian, toByteOffset: 1, as: UInt64.self)
        }
    }

    package func null() { simple(22) }
    package func boolean(_ value: Bool) { simple(value ? 21 : 20) }
    package func array(count: Int) { head(.array, UInt64(count)) }
    package func map(count: Int) { head(.map, UInt64(count)) }
    package func tag(_ tag: UInt64) { head(.tag, tag) }
    package func unsigned(_ value: UInt64) { head(.unsigned, value) }

    /// Starts an array whose items are counted only by the `stop` that ends it.
    package func indefiniteArray() { byte(0x9F) }
    /// Starts a map whose entries are counted only by the `stop` that ends it.
    package func indefiniteMap() { byte(0xBF) }
    package func stop() { byte(0xFF) }

    /// Writes items that are CBOR already.
    package func items(_ bytes: UnsafeRawBufferPointer) {
        guard buffer.hasRoom(for: bytes.count), let start = bytes.baseAddress else { return }
        buffer.extend(by: bytes.count).copyMemory(from: start, byteCount: bytes.count)
    }

    @inlinable
    package func integer(_ value: Int64) {
        if value >= 0 {
            head(.unsigned, UInt64(value))
        } else {
            head(.negative, ~UInt64(bitPattern: value))
        }
    }

    @inlinable
    package func double(_ value: Double) {
        let bytes = buffer.extend(by: 9)
        bytes.storeBytes(of: 0xFB, as: UInt8.self)
        bytes.storeBytes(of: value.bitPattern.bigEndian, toByteOffset: 1, as: UInt64.self)
    }

    package func text(_ string: String) {
        var string = string
        string.withUTF8 { text(utf8: UnsafeRawBufferPointer($0)) }
    }

    package func optionalText(_ string: String?) {
        if let string { text(string) } else { null() }
    }

    /// Writes a text string; the caller promises valid UTF-8.
    package func text(utf8: UnsafeRawBufferPointer) { string(.text, utf8) }
    package func bytes(_ bytes: UnsafeRawBufferPointer) {
        let destination = self.bytes(count: bytes.count)
        guard !buffer.isOverflowing, let start = bytes.baseAddress else { return }
        destination.copyMemory(from: start, byteCount: bytes.count)
    }

    /// Writes the head of a byte string and returns where its `count` bytes go: into the frame or, if they
    /// are many and the peer takes it, into shared memory.
    package func bytes(count: Int) -> UnsafeMutableRawPointer {
        if let (position, start) = buffer.lend(byteCount: count) {
            sharedBytes(position: position, count: count)
            return start
        }
        // Nothing is allocated for what does not fit; the caller sees that the buffer is overflowing.
        guard buffer.hasRoom(for: count) else { return buffer.start }
        head(.bytes, UInt64(count))
        return buffer.extend(by: count)
    }

    /// Writes where bytes are that stand in a segment of the frame's table, from its start.
    package func sharedBytes(position: Int, count: Int) {
        tag(CBORTag.sharedBytes)
        array(count: 3)
        unsigned(UInt64(position))
        unsigned(0)
        unsigned(UInt64(count))
    }

    /// Writes an integer of any size from its magnitude in big-endian order.
    ///
    /// - Parameters:
    ///   - isNegative: whether the number is −1 − magnitude.
    ///   - magnitude: without leading zeros.
    package func bignum(isNegative: Bool, magnitude: UnsafeRawBufferPointer) {
        tag(isNegative ? CBORTag.negativeBignum : CBORTag.positiveBignum)
        // In the frame, however long: readers of numbers look nowhere else.
        string(.bytes, magnitude)
    }

    /// Writes the head of `count` elements of one type and returns where their bytes go, in
    /// little-endian order.
    package func elements(_ type: ElementType, count: Int) -> UnsafeMutableRawPointer {
        elementTags(type)
        return bytes(count: count * type.size)
    }

    /// Writes the tags of elements, whose bytes follow.
    package func elementTags(_ type: ElementType) {
        switch type {
        case .bool: tag(CBORTag.booleanElements)
        case .complex64, .complex128: tag(CBORTag.complexElements)
        default: break
        }
        if let number = type.typedArrayTag { tag(number) }
    }

    private func simple(_ value: UInt8) { byte(0xE0 | value) }

    private func byte(_ byte: UInt8) {
        buffer.extend(by: 1).storeBytes(of: byte, as: UInt8.self)
    }

    private func string(_ major: CBORHead.Major, _ content: UnsafeRawBufferPointer) {
        head(major, UInt64(content.count))
        guard let start = content.baseAddress else { return }
        buffer.extend(by: content.count).copyMemory(from: start, byteCount: content.count)
    }
}
