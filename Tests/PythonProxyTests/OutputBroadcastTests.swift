import ProxyWire
import Testing

@testable import PythonProxy

struct OutputBroadcastTests {
    @Test func aCharacterSpreadOverTwoChunksSurvives() async {
        let broadcast = OutputBroadcast()
        let stream = broadcast.listen()
        let bytes = Array("aü水👩‍🚀z".utf8)
        for byte in bytes {
            broadcast.send(Output(stream: .standardOutput, bytes: [byte]), callID: 1)
        }
        broadcast.finish()
        var text = ""
        var all: [UInt8] = []
        for await chunk in stream {
            text += chunk.text
            all += chunk.bytes
        }
        #expect(text == "aü水👩‍🚀z")
        #expect(all == bytes)
    }

    @Test func whatCameBeforeTheFirstListenerIsKept() async {
        let broadcast = OutputBroadcast()
        broadcast.send(Output(stream: .standardError, bytes: Array("early".utf8)), callID: 0)
        let stream = broadcast.listen()
        broadcast.finish()
        var chunks: [OutputChunk] = []
        for await chunk in stream { chunks.append(chunk) }
        #expect(chunks.map(\.text) == ["early"])
        #expect(chunks.first?.callID == nil)
        #expect(chunks.first?.stream == .standardError)
    }
}

/// Numbers of a peer's that are no numbers to count with.
struct PeerNumberTests {
    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, -0.0])
    func aReloadThatTookAnyTimeIsDescribed(seconds: Double) throws {
        let writer = CBORWriter(FrameBuffer())
        writer.array(count: 5)
        writer.double(seconds)
        for _ in 0..<4 { writer.array(count: 0) }
        let frame = InboundFrame(kind: .reloaded, callID: 0, buffer: writer.buffer)
        let event = try frame.read(limits: Limits()) { try ReloadEvent(from: &$0) }
        #expect(event.duration >= .zero)
        #expect(event.description.contains("nothing has changed"))
    }

    @Test func bytesThatWereDroppedAddUp() throws {
        let frame = Output.frame(
            stream: .standardOutput, bytes: UnsafeRawBufferPointer(start: nil, count: 0),
            dropped: .max, callID: 0)
        let output = try InboundFrame(kind: .output, callID: 0, buffer: frame).read(
            limits: Limits()
        ) { try Output(from: &$0) }
        #expect(output.dropped < .max / 1000)
    }
}
