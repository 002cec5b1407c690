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
