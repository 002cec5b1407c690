import ProxyWire
import Testing

@testable import ProxyServer

/// Where chunks of output end.
struct ChunkCollectorTests {
    private struct Written {
        var text: String
        var call: UInt64 = 1
        var stream = Output.Stream.standardOutput
        var endsWithin = false
    }

    private func append(
        _ written: Written, to collector: inout ChunkCollector, at time: UInt64 = 0
    ) {
        Array(written.text.utf8).withUnsafeBytes {
            collector.append(
                $0, to: written.stream,
                of: written.call == 0 ? nil : CallKey(rawValue: written.call), now: time,
                endsWithin: written.endsWithin)
        }
    }

    private func text(_ chunk: CapturedChunk) -> String {
        let stream = chunk.stream == .standardOutput ? "" : "!"
        return "\(chunk.call?.rawValue ?? 0)\(stream):"
            + String(decoding: chunk.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        // One print, in pieces.
        (
            [Written(text: "line"), .init(text: " "), .init(text: "1"), .init(text: "\n")],
            ["1:line 1\n"]
        ),
        ([.init(text: "a\nb"), .init(text: "\n")], ["1:a\nb\n"]),
        ([.init(text: "a\n"), .init(text: "b\n")], ["1:a\n", "1:b\n"]),
        // What was read from a pipe holds lines of several writes.
        (
            [.init(text: "a\nb", endsWithin: true), .init(text: "\n", endsWithin: true)],
            ["1:a\n", "1:b\n"]
        ),
        // No chunk joins two calls.
        (
            [
                .init(text: "a"), .init(text: "b", call: 2), .init(text: "c\n"),
                .init(text: "d\n", call: 2),
            ],
            ["1:ac\n", "2:bd\n"]
        ),
        // Two streams of a call stay in order.
        (
            [.init(text: "a"), .init(text: "b\n", stream: .standardError), .init(text: "c\n")],
            ["1:a", "1!:b\n", "1:c\n"]
        ),
        (
            [
                .init(text: "a"), .init(text: "b", call: 2),
                .init(text: "c\n", stream: .standardError),
            ],
            ["1:a", "1!:c\n"]
        ),
        // What may belong to any call stays in order with what follows.
        ([.init(text: "a", call: 0), .init(text: "b\n")], ["0:a", "1:b\n"]),
        ([.init(text: ""), .init(text: "a")], []),
    ])
    private func chunksEndAtLinesAndBetweenCalls(written: [Written], expected: [String]) {
        var collector = ChunkCollector()
        for part in written { append(part, to: &collector) }
        #expect(collector.takeComplete().map(text) == expected)
        #expect(collector.completeCount == 0)
    }

    @Test func aBeginningEndsAtAFlushAtTheEndOfItsCallAndWhenItHasWaited() {
        var collector = ChunkCollector()
        append(Written(text: "a"), to: &collector, at: 1)
        append(Written(text: "b", call: 2), to: &collector, at: 2)
        append(Written(text: "c", call: 3), to: &collector, at: 3)
        #expect(collector.oldestStart == 1)
        collector.flush(.standardError, of: CallKey(rawValue: 2))
        #expect(collector.completeCount == 0)
        collector.flush(.standardOutput, of: CallKey(rawValue: 2))
        #expect(collector.takeComplete().map(text) == ["2:b"])
        collector.end(CallKey(rawValue: 3))
        #expect(collector.takeComplete().map(text) == ["3:c"])
        collector.end(begunBy: 0)
        #expect(collector.completeCount == 0)
        collector.end(begunBy: 1)
        #expect(collector.takeComplete().map(text) == ["1:a"])
        #expect(collector.oldestStart == nil)
    }

    @Test func aChunkWithoutALineEndIsNotKeptForEver() {
        var collector = ChunkCollector()
        append(Written(text: String(repeating: "x", count: 2 << 20)), to: &collector)
        #expect(collector.takeComplete().map(\.bytes.count) == [2 << 20])
    }
}
