import ProxyWire

/// Hands log records of a server to those who listen from a level on.
typealias LogBroadcast = Broadcast<PythonLogRecord, PythonLogRecord.Level>

extension LogBroadcast {
    convenience init() { self.init(capacity: 10_000) }

    /// The lowest level that anyone wants; nil if nobody listens.
    var level: PythonLogRecord.Level? { interests.min() }

    func send(_ record: LogRecord, callID: UInt64) {
        let record = PythonLogRecord(record, callID: callID)
        send(record) { $0 <= record.level }
    }
}
