/// Objects on the server that a client uses no longer: [number, count, number, count, …], in the order in which they
/// are dropped.
///
/// The count says how many of the times that the object has been sent are dropped.
package struct ObjectDrops: Sendable, Equatable {
    package struct Drop: Sendable, Equatable {
        package var number: UInt64
        package var count: Int

        package init(_ number: UInt64, count: Int = 1) {
            self.number = number
            self.count = count
        }
    }

    package var drops: [Drop]

    package init(_ drops: [Drop]) { self.drops = drops }

    package func frame() -> FrameBuffer {
        let buffer = FrameBuffer()
        let writer = CBORWriter(buffer)
        writer.array(count: drops.count * 2)
        for drop in drops {
            writer.unsigned(drop.number)
            writer.unsigned(UInt64(max(drop.count, 0)))
        }
        return buffer.seal(kind: .drop, callID: 0)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        let start = reader.offset
        let head = try reader.head()
        guard head.major == .array, let count = try reader.enter(head), count.isMultiple(of: 2)
        else { throw .malformed("\(head.noun) where dropped objects must stand", offset: start) }
        drops = []
        for _ in 0..<count / 2 {
            let number = try reader.unsigned()
            drops.append(Drop(number, count: Int(clamping: min(try reader.unsigned(), 1 << 32))))
        }
        reader.leave()
    }
}
