/// How many objects of a class stay on a server for one client.
package struct ObjectCount: Sendable, Equatable {
    package var session: UInt64
    /// "package.Class", or "list".
    package var className: String
    /// Where the client's program has made them, "main.swift:12", if it traces objects.
    package var place: String?
    package var count: Int

    package init(session: UInt64, className: String, place: String?, count: Int) {
        self.session = session
        self.className = className
        self.place = place
        self.count = count
    }

    func write(to writer: CBORWriter) {
        writer.array(count: 4)
        writer.unsigned(session)
        writer.text(className)
        writer.optionalText(place)
        writer.unsigned(UInt64(count))
    }

    init(from reader: inout CBORReader) throws(WireError) {
        try reader.array(count: 4)
        session = try reader.unsigned()
        className = try reader.text()
        place = try reader.optionalText()
        count = Int(clamping: try reader.unsigned())
    }
}
