import Foundation
import ProxyWire
import Testing

@testable import ProxyTransport

/// Two ends of a connection, and what they do with each other's segments.
struct SegmentTests {
    private static let long = 100_000

    /// Runs `body` with two connected channels; the second one isolates what it writes.
    private func withChannels(
        _ body: (_ client: Channel, _ server: Channel) throws -> Void
    ) throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let client = Channel(Descriptor(owning: ends[0]), payloadLimit: 1 << 20)
        let server = Channel(Descriptor(owning: ends[1]), payloadLimit: 1 << 20)
        client.open(accepting: Limits(), sending: Limits(), isolatesWrites: false)
        server.open(accepting: Limits(), sending: Limits(), isolatesWrites: true)
        try body(client, server)
    }

    /// A frame of one long byte string.
    private func frame(
        of byte: UInt8, count: Int = long, on channel: Channel
    ) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer(lender: channel.lender))
        memset(writer.bytes(count: count), Int32(byte), count)
        return writer.buffer.seal(kind: .call, callID: 1)
    }

    private func bytes(_ frame: InboundFrame?) throws -> [UInt8] {
        try #require(frame).read(limits: Limits()) { try $0.byteString() }
    }

    /// Lets a channel have what the other one gives back, which comes with its next frame.
    private func drain(_ channel: Channel, from other: Channel) throws {
        other.send(FrameBuffer().seal(kind: .pong, callID: 0))
        #expect(try channel.receive()?.kind == .pong)
    }

    @Test func longBytesLeaveTheFrame() throws {
        try withChannels { client, server in
            let frame = frame(of: 7, on: client)
            #expect(frame.count < 100)
            #expect(self.frame(of: 7, count: 1000, on: client).count > 1000)
            client.send(frame)
            let received = try bytes(server.receive())
            #expect(received == [UInt8](repeating: 7, count: Self.long))
        }
    }

    @Test func aSegmentIsLentAgainOnlyWhenItIsBack() throws {
        try withChannels { client, server in
            client.send(frame(of: 1, on: client))
            var first = try server.receive()
            client.send(frame(of: 2, on: client))
            let second = try server.receive()
            // The first is still in use, so the second is another segment.
            #expect(first?.loanNumbers != second?.loanNumbers)
            #expect(try bytes(first).first == 1)
            let number = first?.loanNumbers
            first = nil
            try drain(client, from: server)
            client.send(frame(of: 3, on: client))
            let third = try server.receive()
            #expect(third?.loanNumbers == number)
            #expect(try bytes(third).first == 3)
            #expect(try bytes(second).first == 2)
        }
    }

    @Test func whatTheReceiverWritesIsGoneWhenTheSegmentIsUsedAgain() throws {
        try withChannels { client, server in
            for value in [1, 2, 3] as [UInt8] {
                client.send(frame(of: value, on: client))
                let frame = try #require(try server.receive())
                try frame.read(limits: Limits()) { reader in
                    _ = try reader.head()
                    let (bytes, loan) = try reader.sharedBytes()
                    #expect(bytes.allSatisfy { $0 == value })
                    memset(loan.bytes.baseAddress.unsafelyUnwrapped, 99, bytes.count)
                    #expect(bytes.allSatisfy { $0 == 99 })
                }
                _ = consume frame
                try drain(client, from: server)
            }
        }
    }

    @Test func manyReturnsDoNotWaitForAFrame() throws {
        try withChannels { client, server in
            var frames: [InboundFrame] = []
            for _ in 0..<64 {
                client.send(frame(of: 1, on: client))
                frames.append(try #require(try server.receive()))
            }
            frames = []
            // The returns are there; the next arrays go into the segments that have come back.
            #expect(client.waitForBytes(milliseconds: 5000))
            _ = try client.receiveAvailable { Issue.record("an unexpected \($0.kind) frame") }
            client.send(frame(of: 2, on: client))
            #expect(try #require(try server.receive()).loanNumbers[0] <= 64)
        }
    }

    @Test func aFrameThatIsNotSentGivesItsSegmentsBack() throws {
        try withChannels { client, server in
            _ = frame(of: 1, on: client)
            client.send(frame(of: 2, on: client))
            client.send(FrameBuffer().seal(kind: .ping, callID: 2))
            let received = try #require(try server.receive())
            #expect(received.loanNumbers == [1])
            #expect(try server.receive()?.kind == .ping)
        }
    }

    @Test func aLoanOutlivesBothChannels() throws {
        var kept: InboundFrame?
        try withChannels { client, server in
            client.send(frame(of: 5, on: client))
            kept = try server.receive()
            client.close()
        }
        #expect(try bytes(kept) == [UInt8](repeating: 5, count: Self.long))
    }

    @Test func segmentsThatAreNoLongerKeptAreForgotten() throws {
        try withChannels { client, server in
            // Longer than what is kept: it is made for this one time.
            client.send(frame(of: 1, count: (1 << 28) + 1, on: client))
            let number = try server.receive()?.loanNumbers
            try drain(client, from: server)
            try drain(server, from: client)
            client.send(frame(of: 2, count: (1 << 28) + 1, on: client))
            #expect(try server.receive()?.loanNumbers != number)
        }
    }

    // MARK: Peers that break the rules

    /// What a hostile client sends, given its channel.
    static let violations: [(String, @Sendable (Channel) throws -> Void)] = [
        (
            "a segment without a descriptor",
            { client in
                client.send(
                    SegmentIntroduction(number: 1, length: 4096, isShared: false).frame())
            }
        ),
        (
            "a segment that nobody introduced",
            { client in
                let frame = FrameBuffer()
                _ = frame.append(
                    LentSegment(
                        number: 9, start: UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped,
                        byteCount: 1)
                )
                frame.seal(kind: .call, callID: 1)
                client.send(frame)
            }
        ),
        (
            "the return of a segment that was not lent",
            { $0.send(SegmentNumber(3).frame(.release)) }
        ),
        (
            "a file that can be made shorter",
            { client in
                let path = "/tmp/pyproxy-test-\(UUID().uuidString.prefix(8))"
                let file = try Descriptor(opening: path, flags: O_RDWR | O_CREAT)
                unlink(path)
                ftruncate(file.number, 8192)
                try client.introduce(length: 8192, PassedDescriptor(file))
            }
        ),
        (
            "a segment shorter than it says",
            { client in
                let (_, descriptor) = try SegmentMemory.create(length: 4096)
                try client.introduce(length: 1 << 20, descriptor)
            }
        ),
        (
            "an empty segment",
            { client in
                let (_, descriptor) = try SegmentMemory.create(length: 4096)
                try client.introduce(length: 0, descriptor)
            }
        ),
        (
            "the same number twice",
            { client in
                for _ in 0..<2 {
                    let (_, descriptor) = try SegmentMemory.create(length: 4096)
                    try client.introduce(length: 4096, descriptor)
                }
            }
        ),
        (
            "a segment that is lent already",
            { client in
                let (_, descriptor) = try SegmentMemory.create(length: 4096)
                try client.introduce(length: 4096, descriptor)
                let frame = FrameBuffer()
                for _ in 0..<2 {
                    _ = frame.append(
                        LentSegment(
                            number: 1,
                            start: UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped,
                            byteCount: 1))
                }
                client.send(frame.seal(kind: .call, callID: 1))
            }
        ),
        (
            "descriptors without frames",
            { client in
                for _ in 0..<20 {
                    let (_, descriptor) = try SegmentMemory.create(length: 4096)
                    _ = client.send(
                        FrameBuffer().seal(kind: .ping, callID: 0), passing: descriptor)
                }
            }
        ),
    ]

    @Test(arguments: violations.indices)
    func aPeerThatBreaksTheRulesIsRefused(index: Int) throws {
        let (name, send) = Self.violations[index]
        try withChannels { client, server in
            try send(client)
            #expect(throws: (any Error).self, "\(name)") {
                while try server.receive() != nil {}
            }
        }
    }

    @Test func aSegmentThatIsBeingFilledCannotBeGivenBack() throws {
        try withChannels { client, server in
            let buffer = FrameBuffer(lender: client.lender)
            let destination = CBORWriter(buffer).bytes(count: (1 << 28) + 1)
            // The segment has been introduced, and is so long that it would not be kept.
            server.send(SegmentNumber(1).frame(.release))
            #expect(throws: WireError.self) { try client.receive() }
            memset(destination, 1, (1 << 28) + 1)
        }
    }

    @Test(arguments: [(0, 0, 4097), (0, 4096, 1), (0, 1 << 62, 1 << 62), (1, 0, 1)])
    func bytesOutsideOfTheirSegmentAreRefused(position: Int, offset: Int, length: Int) throws {
        try withChannels { client, server in
            let (_, descriptor) = try SegmentMemory.create(length: 4096)
            try client.introduce(length: 4096, descriptor)
            let writer = CBORWriter(FrameBuffer())
            writer.tag(CBORTag.sharedBytes)
            writer.array(count: 3)
            for number in [position, offset, length] { writer.unsigned(UInt64(number)) }
            _ = writer.buffer.append(
                LentSegment(
                    number: 1, start: UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped,
                    byteCount: 1))
            client.send(writer.buffer.seal(kind: .call, callID: 1))
            let frame = try #require(try server.receive())
            #expect(throws: WireError.self) { try bytes(frame) }
        }
    }

    @Test(arguments: [1, 4096, 4097, 65_537, 8_000_000, (1 << 31) + 1])
    func segmentsAreLittleLongerThanWhatTheyHold(count: Int) {
        let length = SegmentPool.roundedUp(count)
        #expect(length >= count)
        #expect(length <= count + max(count / 8, 4096) + 1)
        #expect(length.isMultiple(of: 4096))
    }
}

extension Channel {
    fileprivate func introduce(length: Int, _ descriptor: PassedDescriptor) throws {
        let introduction = SegmentIntroduction(number: 1, length: length, isShared: false)
        #expect(send(introduction.frame(), passing: descriptor))
    }
}
