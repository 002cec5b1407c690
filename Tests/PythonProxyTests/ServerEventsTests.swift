import ProxyWire
import Testing

@testable import PythonProxy

/// What servers tell, and who gets it.
struct ServerEventsTests {
    @Test func aCharacterSpreadOverTwoChunksSurvives() async {
        let events = ServerEvents()
        let stream = events.output
        let bytes = Array("aü水👩‍🚀z".utf8)
        for byte in bytes {
            events.printed(Output(stream: .standardOutput, bytes: [byte]), callID: 1)
        }
        events.finish()
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
        let events = ServerEvents()
        events.printed(Output(stream: .standardError, bytes: Array("early".utf8)), callID: 0)
        let stream = events.output
        events.finish()
        var chunks: [OutputChunk] = []
        for await chunk in stream { chunks.append(chunk) }
        #expect(chunks.map(\.text) == ["early"])
        #expect(chunks.first?.callID == nil)
        #expect(chunks.first?.stream == .standardError)
    }

    @Test func aListenerThatDoesNotReadLosesTheOldestAndIsToldHowMuch() async {
        let events = ServerEvents()
        let stream = events.output
        let piece = [UInt8](repeating: 120, count: 1 << 20)
        for number in 0..<20 {
            // Of standard error nothing is lost.
            if number == 18 {
                events.printed(Output(stream: .standardError, bytes: [101]), callID: 1)
            }
            events.printed(Output(stream: .standardOutput, bytes: piece), callID: 1)
        }
        events.finish()
        var chunks: [OutputChunk] = []
        for await chunk in stream { chunks.append(chunk) }
        let output = chunks.filter { $0.stream == .standardOutput }
        #expect(output.count < 17)
        #expect(output.first?.droppedBytes == (20 - output.count) << 20)
        #expect(output.dropFirst().allSatisfy { $0.droppedBytes == 0 })
        #expect(chunks.filter { $0.stream == .standardError }.map(\.droppedBytes) == [0])
    }

    @Test func everyListenerGetsTheRecordsThatItWants() async {
        let events = ServerEvents()
        #expect(events.logLevel == nil)
        let (errors, all) = (events.logs(from: .error), events.logs(from: .debug))
        #expect(events.logLevel == .debug)
        for level: UInt64 in [10, 30, 40, 50] {
            events.logged(
                LogRecord(
                    level: level, logger: "l", message: "m", file: "f", line: 1, function: "g",
                    category: "", exception: ""), callID: 1)
        }
        events.finish()
        #expect(await errors.reduce(into: []) { $0.append($1.level.rawValue) } == [40, 50])
        #expect(await all.reduce(into: []) { $0.append($1.level.rawValue) } == [10, 30, 40, 50])
    }

    @Test func aStreamThatNobodyHasIsNoListener() async {
        let events = ServerEvents()
        do { _ = events.logs(from: .debug) }
        #expect(events.logLevel == nil)
    }

    @Test func streamsBeginAgainAfterTheyHaveEnded() async {
        let events = ServerEvents()
        let first = events.reloads
        events.finish()
        #expect(await first.first { _ in true } == nil)
        #expect(await events.reloads.first { _ in true } == nil)
        events.reopen()
        let second = events.output
        events.printed(Output(stream: .standardOutput, bytes: [97]), callID: 0)
        #expect(await second.first { _ in true }?.text == "a")
    }
}
