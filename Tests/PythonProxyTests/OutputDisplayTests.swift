import CPlatform
import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Showing what Python prints must not hold up the program, whatever becomes of its standard output.
struct OutputDisplayTests {
    private func chunk(_ bytes: [UInt8], dropped: Int = 0) -> OutputChunk {
        OutputChunk(
            stream: .standardOutput, text: "", bytes: bytes, callID: 1, droppedBytes: dropped)
    }

    private func readAll(_ number: Int32, until end: String) -> String {
        var text = ""
        while !text.hasSuffix(end) {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(number, &bytes, bytes.count)
            guard count > 0 else { break }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
        return text
    }

    @Test func chunksAreShownInTheirOrder() async throws {
        let pipe = try PipeEnds()
        let number = pipe.reading.number
        let display = OutputDisplay(output: pipe.writing.number, error: pipe.writing.number)
        let numbers = 0..<2000
        var ticket: UInt64 = 0
        for number in numbers { ticket = display.show(chunk(Array("\(number)\n".utf8))) }
        await display.waitUntilShown(ticket)
        #expect(display.hasShown(ticket))
        #expect(readAll(number, until: "1999\n") == numbers.map { "\($0)\n" }.joined())
    }

    @Test func aPipeThatIsFullHoldsUpNobodyAndNothingIsLost() async throws {
        let pipe = try PipeEnds()
        let number = pipe.reading.number
        let display = OutputDisplay(output: pipe.writing.number, error: pipe.writing.number)
        let text = String(repeating: "x", count: 1 << 20) + "\n"
        let ticket = display.show(chunk(Array(text.utf8)))
        await display.waitUntilShown(ticket)
        #expect(!display.hasShown(ticket))
        // Not even for a moment, as long as nobody reads.
        await display.waitUntilShown(display.show(chunk(Array("more\n".utf8))))
        #expect(readAll(number, until: "more\n") == text + "more\n")
    }

    @Test func whatExceedsTheRoomIsLeftOutAndCounted() async throws {
        let pipe = try PipeEnds()
        let number = pipe.reading.number
        let display = OutputDisplay(output: pipe.writing.number, error: pipe.writing.number)
        let piece = [UInt8](repeating: 120, count: 1 << 20)
        for _ in 0..<20 { await display.waitUntilShown(display.show(chunk(piece))) }
        // Now there is room again.
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var count = 0
        while count < 15 << 20 { count += read(number, &bytes, bytes.count) }
        // What was dropped on the way counts as well.
        _ = display.show(chunk(Array("end\n".utf8), dropped: 7))
        let text = String(repeating: "x", count: count) + readAll(number, until: "end\n")
        let shown = text.count { $0 == "x" }
        #expect(shown % (1 << 20) == 0 && shown < 20 << 20)
        #expect(
            text.hasSuffix(
                "\n[\((20 << 20) - shown + 7) bytes of output were not shown: nobody read what is "
                    + "shown]\nend\n"))
    }

    @Test func aDestinationThatIsGoneTakesNothingAndHarmsNobody() async throws {
        let pipe = try PipeEnds()
        let writing = try Descriptor(duplicating: pipe.writing.number)
        _ = pipe.takeReading()
        // No reader, and no descriptor at all.
        for number in [writing.number, 4095] {
            let display = OutputDisplay(output: number, error: number)
            let ticket = display.show(chunk([UInt8](repeating: 120, count: 1 << 17)))
            await display.waitUntilShown(ticket)
            #expect(display.hasShown(ticket))
        }
    }
}
