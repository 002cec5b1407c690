import ProxyWire
import Testing

struct FrameTests {
    private func frame(_ payload: [UInt8], id: UInt64, kind: FrameKind = .call) -> [UInt8] {
        let writer = FrameBuffer()
        payload.withUnsafeBytes {
            writer.extend(by: $0.count).copyMemory(
                from: $0.baseAddress ?? UnsafeRawPointer(writer.start), byteCount: $0.count)
        }
        return Array(writer.seal(kind: kind, callID: id).bytes)
    }

    /// Feeds bytes in pieces of at most `piece` and collects the frames.
    private func frames(
        in stream: [UInt8], piece: Int, limit: Int = 1 << 20
    ) throws -> [InboundFrame] {
        var assembler = FrameAssembler(limit: limit)
        var rest = stream[...]
        var frames: [InboundFrame] = []
        while !rest.isEmpty {
            let space = assembler.space()
            let count = min(space.count, piece, rest.count)
            space.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            assembler.received(count)
            while let frame = try assembler.next() { frames.append(frame) }
        }
        let isAtBoundary = assembler.isAtBoundary
        #expect(isAtBoundary)
        return frames
    }

    @Test(arguments: [1, 7, 24, 25, 4096, 1 << 20])
    func framesAreTheSameHoweverTheStreamIsCut(piece: Int) throws {
        let payloads: [[UInt8]] = [
            [], [1, 2, 3], Array(repeating: 7, count: 70_000), [9],
            Array(repeating: 8, count: (1 << 16) - 24), Array(repeating: 5, count: 300_000),
        ]
        let stream = payloads.enumerated().flatMap { frame($1, id: UInt64($0)) }
        let frames = try frames(in: stream, piece: piece)
        #expect(frames.map { Array($0.content) } == payloads)
        #expect(frames.map(\.callID) == [0, 1, 2, 3, 4, 5])
    }

    @Test func aFrameLongerThanTheLimitIsRefusedBeforeItsPayload() {
        let header = Array(frame(Array(repeating: 0, count: 1001), id: 1).prefix(24))
        #expect(throws: WireError.tooLong(length: 1001, limit: 1000)) {
            try frames(in: header, piece: 24, limit: 1000)
        }
    }

    @Test func anAbsurdLengthIsRefused() {
        let header = [UInt8](repeating: 0xFF, count: 8) + [0, 0, 0, 0, 0, 0, 0, 1, 16]
        #expect(throws: WireError.self) {
            try frames(in: header + [0, 0, 0, 0, 0, 0, 0], piece: 24)
        }
    }

    @Test(arguments: [0, 99, 255] as [UInt8])
    func anUnknownKindIsRefused(kind: UInt8) {
        var header = frame([], id: 1)
        header[16] = kind
        #expect(throws: WireError.self) { try frames(in: header, piece: 24) }
    }

    @Test(arguments: [17, 18, 19]) func reservedBytesMustBeZero(position: Int) {
        var header = frame([], id: 1)
        header[position] = 1
        #expect(throws: WireError.self) { try frames(in: header, piece: 24) }
    }

    @Test(arguments: [1, 1 << 16, 1 << 24])
    func aTableOfSegmentsThatIsLongerThanThePayloadIsRefused(count: Int) {
        var header = frame([1, 2, 3], id: 1)
        withUnsafeBytes(of: UInt32(count).bigEndian) { header.replaceSubrange(20..<24, with: $0) }
        #expect(throws: WireError.self) { try frames(in: header, piece: 24) }
    }

    @Test func aBufferNeverGrowsPastItsLimit() {
        let buffer = FrameBuffer(limit: 1000)
        for _ in 0..<100 { _ = buffer.extend(by: 900) }
        #expect(buffer.isOverflowing)
        #expect(buffer.count <= 24 + 1000)
    }

    /// A frame larger than the staging area is received into memory that grows with what has come.
    @Test func aLongFrameArrivesWhole() throws {
        let payload = (0..<11_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let frames = try frames(in: frame(payload, id: 3), piece: 1_000_003, limit: 1 << 25)
        #expect(frames.map { Array($0.content) == payload } == [true])
    }

    @Test func aHeaderAloneTakesLittleMemory() throws {
        var assembler = FrameAssembler(limit: 1 << 40)
        let header = FrameHeader(kind: .call, callID: 1, payloadLength: 1 << 40)
        let space = assembler.space()
        header.write(to: try #require(space.baseAddress))
        assembler.received(FrameHeader.length)
        let frame = try assembler.next()
        let next = assembler.space()
        #expect(frame == nil)
        #expect(next.count <= 1 << 22)
    }

    /// Lends memory that nobody reads.
    private final class TestLender: SegmentLender {
        let threshold = 1

        func lend(byteCount: Int) -> LentSegment? {
            LentSegment(
                number: 7, start: UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped,
                byteCount: byteCount)
        }

        func sent(_ segments: [LentSegment]) {}
        func takeBack(_ segments: [LentSegment]) {}
    }

    /// The table of segments is written when the frame is sealed; the room for it is set aside before.
    @Test(arguments: 0...40)
    func aFrameThatIsFullToTheLimitIsSealedWhole(rest: Int) throws {
        let limit = 600
        let buffer = FrameBuffer(limit: limit, lender: TestLender())
        let writer = CBORWriter(buffer)
        writer.array(count: 2)
        _ = writer.bytes(count: 100)
        let length = limit - (buffer.count - FrameHeader.length) - rest
        _ = buffer.extend(by: length)
        if buffer.isOverflowing { return }
        let sealed = buffer.seal(kind: .reply, callID: 9)
        #expect(sealed.payload.count <= limit)
        let header = try FrameHeader(parsing: sealed.bytes, limit: limit)
        #expect(header.payloadLength == sealed.payload.count)
        #expect(header.loanCount == 1)
        let number = sealed.payload.suffix(8).map { $0 }
        #expect(number == [0, 0, 0, 0, 0, 0, 0, 7])
    }

    @Test func aSealedFrameCanGetAnotherID() throws {
        let buffer = FrameBuffer().seal(kind: .call, callID: 1)
        buffer.renumber(0x0102_0304_0506)
        let header = try FrameHeader(parsing: buffer.bytes, limit: 0)
        #expect(header.callID == 0x0102_0304_0506)
        #expect(header.kind == .call)
    }
}
