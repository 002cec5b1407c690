/// Objects on the server that a client uses no longer: [number, count, number, count, …].
///
/// The count says how many of the times that the object has been sent are dropped.
package struct ObjectDrops: Sendable, Equatable {
    package var counts: [UInt64: Int]

    package init(_ counts: [UInt64: Int]) { self.counts = counts }

    package func frame() -> FrameBuffer {
        let buffer = FrameBuffer()
        let writer = CBORWriter(buffer)
        writer.array(count: counts.count * 2)
        for (number, count) in counts {
            writer.unsigned(number)
            writer.unsigned(UInt64(max(count, 0)))
        }
        return buffer.seal(kind: .drop, callID: 0)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        let start = reader.offset
        let head = try reader.head()
        guard head.major == .array, let count = try reader.enter(head), count.isMultiple(of: 2)
        else { throw .malformed("\(head.noun) where dropped objects must stand", offset: start) }
        var counts: [UInt64: Int] = [:]
        for _ in 0..<count / 2 {
            let number = try reader.unsigned()
            counts[number, default: 0] += Int(clamping: min(try reader.unsigned(), 1 << 32))
        }
        reader.leave()
        self.counts = counts
    }
}
