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
}
