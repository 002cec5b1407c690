/// A record of Python's logging module, or a warning: the payload of a `log` frame.
///
/// The frame's call id is the call that logged it, or 0 if that is unknown.
package struct LogRecord: Sendable, Equatable {
    /// As Python numbers levels: 10 is debug, 50 critical.
    package var level: UInt64
    package var logger: String
    package var message: String
    package var file: String
    package var line: UInt64
    package var function: String
    /// The class of a warning, or empty.
    package var category: String
    /// The traceback, or empty.
    package var exception: String

    package init(
        level: UInt64, logger: String, message: String, file: String, line: UInt64,
        function: String, category: String, exception: String
    ) {
        self.level = level
        self.logger = logger
        self.message = message
        self.file = file
        self.line = line
        self.function = function
        self.category = category
        self.exception = exception
    }

    package func frame(callID: UInt64) -> FrameBuffer {
        let writer = CBORWriter(FrameBuffer())
        writer.array(count: 8)
        writer.unsigned(level)
        writer.text(logger)
        writer.text(message)
        writer.text(file)
        writer.unsigned(line)
        writer.text(function)
        writer.text(category)
        writer.text(exception)
        return writer.buffer.seal(kind: .log, callID: callID)
    }

    package init(from reader: inout CBORReader) throws(WireError) {
        try reader.array(count: 8)
        level = try reader.unsigned()
        logger = try reader.text()
        message = try reader.text()
        file = try reader.text()
        line = try reader.unsigned()
        function = try reader.text()
        category = try reader.text()
        exception = try reader.text()
    }
}
