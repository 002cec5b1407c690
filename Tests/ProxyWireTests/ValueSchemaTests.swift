import Testing

@testable import ProxyWire

/// What results are wanted as, on the wire.
struct ValueSchemaTests {
    private func reader(
        _ write: (CBORWriter) -> Void, _ body: (inout CBORReader) throws -> Void
    ) throws {
        let writer = CBORWriter(FrameBuffer())
        write(writer)
        let frame = InboundFrame(kind: .call, callID: 0, buffer: writer.buffer)
        try frame.read(limits: Limits()) { try body(&$0) }
    }

    @Test func aSchemaIsReadAsItIsWritten() throws {
        let leaves: [ValueSchema] = [
            .value, .boolean, .integer, .float, .complex, .bytes, .array, .untyped,
        ]
        let schemas: [ValueSchema] =
            leaves + leaves.flatMap { [.list($0), .optional($0), .tuple([$0, .value])] } + [
                .tuple([]), .record([:]), .mapping(key: .integer, value: .list(.float)),
                .record(["b": .integer, "a": .optional(.record(["c": .list(.untyped)]))]),
            ]
        for schema in schemas {
            try reader({ schema.write(to: $0) }) {
                #expect(try ValueSchema(from: &$0) == schema)
                try $0.finish()
            }
        }
    }

    @Test func whatIsNoSchemaIsRefused() throws {
        let malformed: [(CBORWriter) -> Void] = [
            { $0.unsigned(7) }, { $0.unsigned(99) }, { $0.text("value") }, { $0.array(count: 0) },
            {
                $0.array(count: 1)
                $0.unsigned(8)
            },
            {
                $0.array(count: 2)
                $0.unsigned(11)
                $0.text("a")
            },
            {
                $0.array(count: 2)
                $0.unsigned(1)
                $0.unsigned(0)
            },
            { writer in
                for _ in 0..<5000 {
                    writer.array(count: 2)
                    writer.unsigned(8)
                }
                writer.unsigned(0)
            },
        ]
        for write in malformed {
            #expect(throws: WireError.self) {
                try reader(write) { _ = try ValueSchema(from: &$0) }
            }
        }
    }
}
