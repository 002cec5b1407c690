import ProxyWire
import Testing

@testable import PythonProxy

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

    @Test(arguments: [Int64.min, -1, 0, 1])
    func aStepThatCannotBeIsNone(number: Int64) throws {
        let writer = CBORWriter(FrameBuffer())
        writer.map(count: 2)
        writer.text("type")
        writer.text("ValueError")
        writer.text("step")
        writer.integer(number)
        let frame = InboundFrame(kind: .failure, callID: 0, buffer: writer.buffer)
        let error = try frame.read(limits: Limits()) { try PythonError(from: &$0) }
        #expect(error.step == (number == 1 ? 1 : nil))
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
