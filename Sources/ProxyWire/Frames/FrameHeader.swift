/// The 24 bytes in front of every payload, integers in network byte order.
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 8 | length of the payload in bytes |
/// | 8 | 8 | call id, 0 where the frame belongs to no call |
/// | 16 | 1 | kind |
/// | 17 | 3 | reserved, zero |
/// | 20 | 4 | number of segments that the payload refers to; their numbers, 8 bytes each, end it |
package struct FrameHeader: Sendable, Equatable {
    package static let length = 24
    static let callIDOffset = 8

    package var payloadLength: Int
    package var callID: UInt64
    package var kind: FrameKind
    /// How many segments of shared memory the payload refers to.
    package var loanCount: Int

    package init(kind: FrameKind, callID: UInt64, payloadLength: Int, loanCount: Int = 0) {
        self.kind = kind
        self.callID = callID
        self.payloadLength = payloadLength
        self.loanCount = loanCount
    }

    /// The length of one number in the table of segments.
    package static let loanLength = 8

    /// Parses a header.
    ///
    /// - Parameters:
    ///   - bytes: at least `FrameHeader.length` bytes.
    ///   - limit: the longest payload that is accepted.
    package init(parsing bytes: UnsafeRawBufferPointer, limit: Int) throws(WireError) {
        guard bytes.count >= FrameHeader.length else { throw .truncated(offset: 0) }
        let length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        guard let kind = FrameKind(rawValue: bytes[16]) else {
            throw .malformed("\(bytes[16]) is not a kind of frame", offset: 16)
        }
        let word = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        guard word & 0x00FF_FFFF_0000_0000 == 0 else {
            throw .malformed("reserved bytes of the frame header are not zero", offset: 17)
        }
        guard length <= UInt64(limit) else { throw .tooLong(length: length, limit: limit) }
        self.loanCount = Int(word & 0xFFFF_FFFF)
        guard loanCount <= Limits.loanCount, UInt64(loanCount * Self.loanLength) <= length else {
            throw .malformed("a frame refers to \(loanCount) segments", offset: 20)
        }
        self.payloadLength = Int(length)
        self.callID = UInt64(
            bigEndian: bytes.loadUnaligned(fromByteOffset: Self.callIDOffset, as: UInt64.self))
        self.kind = kind
    }

    /// Writes the header to the first bytes of `bytes`.
    package func write(to bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: UInt64(payloadLength).bigEndian, as: UInt64.self)
        bytes.storeBytes(of: callID.bigEndian, toByteOffset: Self.callIDOffset, as: UInt64.self)
        bytes.storeBytes(
            of: (UInt64(kind.rawValue) << 56 | UInt64(loanCount)).bigEndian, toByteOffset: 16,
            as: UInt64.self)
    }
}
