/// Which modules to load again: the payload of a `reload` frame. The reply's is that of a `reloaded` frame, or
/// null if nothing had changed.
package struct ReloadRequest: Sendable, Equatable {
    /// Whether also those that have not changed.
    package var everything: Bool

    package init(everything: Bool) {
        self.everything = everything
    }

    package func frame() -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        writer.array(count: 1)
        writer.boolean(everything)
        return writer.buffer
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        try reader.array(count: 1)
        everything = try reader.boolean()
    }
}
