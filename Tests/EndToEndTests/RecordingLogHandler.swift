import Logging
import ProxyTransport

@testable import PythonProxy

/// Keeps what is logged.
struct RecordingLogHandler: LogHandler {
    struct Line: Sendable {
        let level: Logger.Level
        let message: String
    }

    private let state = ConditionMutex<[Line]>([])
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        state.signal { $0.append(Line(level: event.level, message: "\(event.message)")) }
    }

    func log(
        level: Logger.Level, message: Logger.Message, metadata: Logger.Metadata?, source: String,
        file: String, function: String, line: UInt
    ) {
        state.signal { $0.append(Line(level: level, message: "\(message)")) }
    }

    /// Waits for so many lines.
    func lines(_ count: Int) async throws -> [Line] {
        try await NativeThread.run { [state] in state.wait { $0.count >= count ? $0 : nil } }
    }
}
