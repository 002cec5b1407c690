import Logging
import ProxyWire

/// A record of Python's `logging`, or a warning.
public struct PythonLogRecord: Sendable, Equatable {
    /// A level as Python numbers it; there may be others between the named ones.
    public struct Level: RawRepresentable, Sendable, Hashable, Comparable {
        public let rawValue: Int

        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        public static let debug = Level(rawValue: 10)
        public static let info = Level(rawValue: 20)
        public static let warning = Level(rawValue: 30)
        public static let error = Level(rawValue: 40)
        public static let critical = Level(rawValue: 50)

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    public let level: Level
    /// The name of the logger; "py.warnings" for warnings.
    public let logger: String
    public let message: String
    /// Where it was logged.
    public let file: String
    /// Counted from 1.
    public let line: Int
    /// The function that logged; empty for warnings.
    public let function: String
    /// The class of a warning, such as "DeprecationWarning".
    public let warningCategory: String?
    /// The exception that was logged with it, as Python prints it.
    public let traceback: String?
    /// The call that logged it, counted from 1 on each connection; nil if that is not known.
    public let callID: UInt64?

    init(_ record: LogRecord, callID: UInt64) {
        level = Level(rawValue: Int(clamping: record.level))
        logger = record.logger
        message = record.message
        file = record.file
        line = Int(clamping: record.line)
        function = record.function
        warningCategory = record.category.isEmpty ? nil : record.category
        traceback = record.exception.isEmpty ? nil : record.exception
        self.callID = callID == 0 ? nil : callID
    }
}

extension PythonLogRecord {
    /// Logs the record with swift-log.
    func log(to logger: Logging.Logger) {
        var metadata: Logging.Logger.Metadata = [
            "python.logger": "\(self.logger)", "python.location": "\(file):\(line)",
        ]
        if let callID { metadata["python.call"] = "\(callID)" }
        if let warningCategory { metadata["python.warning"] = "\(warningCategory)" }
        if let traceback { metadata["python.traceback"] = "\(traceback)" }
        logger.log(
            level: level.swiftLevel, "\(message)", metadata: metadata, source: "python",
            file: file, function: function, line: UInt(max(line, 0)))
    }
}

extension PythonLogRecord.Level {
    fileprivate var swiftLevel: Logging.Logger.Level {
        switch rawValue {
        case ..<10: .trace
        case ..<20: .debug
        case ..<30: .info
        case ..<40: .warning
        case ..<50: .error
        default: .critical
        }
    }
}
