/// Reads CBOR data items (RFC 8949) from a frame, one head at a time.
///
/// Nothing is allocated before the data has been seen to be long enough for it, and containers are
/// followed only to `maximumDepth`.
///
/// SAFETY: holds pointers into the frame and to its table of segments. It lives only where the frame is
/// kept: inside `InboundFrame.read`, or as long as the owner of an `unsafeReader` promises.
package struct CBORReader {
    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline let end: Int
    @usableFromInline package internal(set) var offset = 0
    package let maximumDepth: Int
    private var depth = 0
    /// Unmanaged, because readers are copied often to look ahead.
    let loans: Unmanaged<LoanTable>?

    package init(
        _ bytes: UnsafeRawBufferPointer, maximumDepth: Int, loans: LoanTable? = nil
    ) {
        self.loans = loans.map { Unmanaged.passUnretained($0) }
        // An empty buffer has no address; any will do, since no byte of it is read.
        self.base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 16).unsafelyUnwrapped
        self.end = bytes.count
        self.maximumDepth = maximumDepth
    }

    package var remaining: Int { end - offset }

    /// A reader before an item of the same container.
    ///
    /// - Parameter offset: where this reader or a copy of it has stood.
    package func moved(to offset: Int) -> CBORReader {
        var copy = self
        copy.offset = min(max(offset, 0), end)
        return copy
    }

    /// Checks that nothing is left.
    package func finish() throws(WireError) {
        guard offset == end else {
            throw .malformed("\(remaining) bytes follow the last item", offset: offset)
        }
    }

    /// The next head, without moving on.
    @inlinable
    package func peek() throws(WireError) -> CBORHead {
        var copy = self
        return try copy.head()
    }

    /// Reads a head. For text and bytes the content follows, for containers the items.
    @inlinable
    package mutating func head() throws(WireError) -> CBORHead {
        guard offset < end else { throw .truncated(offset: offset) }
        let initial = base.load(fromByteOffset: offset, as: UInt8.self)
        let major = CBORHead.Major(rawValue: initial >> 5).unsafelyUnwrapped
        let info = initial & 0x1F
        if info < 24 {
            offset += 1
            return CBORHead(major: major, info: info, argument: UInt64(info))
        }
        return try longHead(major, info)
    }

    @usableFromInline
    mutating func longHead(
        _ major: CBORHead.Major, _ info: UInt8
    ) throws(WireError) -> CBORHead {
        let start = offset
        let width: Int
        switch info {
        case 24...27: width = 1 << (info - 24)
        case 31 where major != .unsigned && major != .negative && major != .tag: width = 0
        default: throw .malformed("additional information \(info) is not allowed", offset: start)
        }
        guard remaining > width else { throw .truncated(offset: start) }
        let position = base + offset + 1
        let argument: UInt64 =
            switch width {
            case 0: 0
            case 1: UInt64(position.load(as: UInt8.self))
            case 2: UInt64(UInt16(bigEndian: position.loadUnaligned(as: UInt16.self)))
            case 4: UInt64(UInt32(bigEndian: position.loadUnaligned(as: UInt32.self)))
            default: UInt64(bigEndian: position.loadUnaligned(as: UInt64.self))
            }
        if major == .simple && info == 24 && argument < 32 {
            throw .malformed("simple value \(argument) is not in its one-byte form", offset: start)
        }
        offset += 1 + width
        return CBORHead(major: major, info: info, argument: argument)
    }

    /// The content of a string of definite length whose head was just read.
    package mutating func content(of head: CBORHead) throws(WireError) -> UnsafeRawBufferPointer {
        guard head.argument <= UInt64(remaining) else { throw .truncated(offset: offset) }
        let content = UnsafeRawBufferPointer(start: base + offset, count: Int(head.argument))
        offset += content.count
        return content
    }

    /// Calls `body` with each chunk of a string of definite or indefinite length.
    package mutating func chunks(
        of head: CBORHead, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(WireError) {
        guard head.isIndefinite else { return body(try content(of: head)) }
        while true {
            let start = offset
            let chunk = try self.head()
            if chunk.isBreak { return }
            guard chunk.major == head.major, !chunk.isIndefinite else {
                throw .malformed("a chunk of another type in a string", offset: start)
            }
            body(try content(of: chunk))
        }
    }

    /// Enters a container. The number of its items (for a map: entries), or nil if a break ends it.
    ///
    /// Each item takes at least a byte, so a count that cannot be true is refused before anyone
    /// allocates for it.
    @inline(__always)
    package mutating func enter(_ head: CBORHead) throws(WireError) -> Int? {
        try deepen()
        if head.isIndefinite { return nil }
        let least = head.major == .map ? UInt64(remaining / 2) : UInt64(remaining)
        guard head.argument <= least else { throw .truncated(offset: offset) }
        return Int(head.argument)
    }

    /// Counts one more level; `leave` ends it.
    @inline(__always)
    package mutating func deepen() throws(WireError) {
        guard depth < maximumDepth else { throw .tooDeep(limit: maximumDepth) }
        depth += 1
    }

    @inline(__always)
    package mutating func leave() { depth -= 1 }

    /// Whether another item follows in a container that `enter` was called for.
    ///
    /// - Parameters:
    ///   - count: what `enter` returned.
    ///   - index: how many items have been read.
    @inline(__always)
    package mutating func hasItem(_ index: Int, of count: Int?) throws(WireError) -> Bool {
        if let count { return index < count }
        guard offset < end else { throw .truncated(offset: offset) }
        guard base.load(fromByteOffset: offset, as: UInt8.self) == 0xFF else { return true }
        offset += 1
        return false
    }

    /// Calls `body` once for each item of an array (or entry of a map) whose head was just read.
    @inline(__always)
    package mutating func items<Failure: Error>(
        of head: CBORHead, _ body: (inout CBORReader, Int) throws(Failure) -> Void
    ) throws {
        let count = try enter(head)
        var index = 0
        while try hasItem(index, of: count) {
            try body(&self, index)
            index += 1
        }
        leave()
    }

    /// Skips one item with everything inside it.
    package mutating func skip() throws(WireError) {
        let start = offset
        let head = try self.head()
        switch head.major {
        case .unsigned, .negative: break
        case .simple:
            if head.isBreak { throw .malformed("a break outside a container", offset: start) }
        case .bytes, .text: try chunks(of: head) { _ in }
        case .tag:
            try deepen()
            try skip()
            leave()
        case .array, .map:
            let count = try enter(head)
            var index = 0
            while try hasItem(index, of: count) {
                try skip()
                if head.major == .map { try skip() }
                index += 1
            }
            leave()
        }
    }
}
