import CPlatform
import ProxyTransport
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
            events.printed(
                Output(stream: .standardOutput, bytes: [byte]), callID: 1, isStarter: false)
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

    @Test func whatNobodyReadsIsShownByThoseItConcerns() async throws {
        for (callID, isStarter, isShown) in [(1, false, true), (0, true, true), (0, false, false)] {
            let pipe = try PipeEnds()
            let display = OutputDisplay(output: pipe.writing.number, error: 2)
            let events = ServerEvents(display: display)
            events.printed(
                Output(stream: .standardOutput, bytes: Array("text\n".utf8)),
                callID: UInt64(callID), isStarter: isStarter)
            #expect(
                events.isShowing || !isShown || cplatform_readable_bytes(pipe.reading.number) > 0)
            await events.waitUntilShown()
            #expect(cplatform_readable_bytes(pipe.reading.number) == (isShown ? 5 : 0))
            // Somebody reads now.
            let stream = events.output
            events.printed(
                Output(stream: .standardOutput, bytes: [97]), callID: 1, isStarter: true)
            await events.waitUntilShown()
            #expect(await stream.first { _ in true }?.text == "a")
            #expect(cplatform_readable_bytes(pipe.reading.number) == (isShown ? 5 : 0))
        }
    }

    @Test func aReaderThatHasBeenCancelledDoesNotCount() async throws {
        let pipe = try PipeEnds()
        let events = ServerEvents(
            display: OutputDisplay(output: pipe.writing.number, error: 2))
        let stream = events.output
        let reader = Task { for await _ in stream {} }
        reader.cancel()
        await reader.value
        events.printed(Output(stream: .standardOutput, bytes: [97]), callID: 1, isStarter: false)
        await events.waitUntilShown()
        #expect(cplatform_readable_bytes(pipe.reading.number) == 1)
        withExtendedLifetime(stream) {}
    }

    @Test func aListenerThatDoesNotReadLosesTheOldestAndIsToldHowMuch() async {
        let events = ServerEvents()
        let stream = events.output
        let piece = [UInt8](repeating: 120, count: 1 << 20)
        for number in 0..<20 {
            // Of standard error nothing is lost.
            if number == 18 {
                events.printed(
                    Output(stream: .standardError, bytes: [101]), callID: 1, isStarter: false)
            }
            events.printed(
                Output(stream: .standardOutput, bytes: piece), callID: 1, isStarter: false)
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
        events.printed(Output(stream: .standardOutput, bytes: [97]), callID: 0, isStarter: false)
        #expect(await second.first { _ in true }?.text == "a")
    }
}
