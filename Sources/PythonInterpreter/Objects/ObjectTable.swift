import CPythonABI
import ProxyTransport
import ProxyWire

/// The objects that stay on the server for clients. Each session has its own, named by numbers that are never used
/// again.
///
/// An object that is sent several times has one number, so that its identity can be compared. Each time counts, and
/// the client says how often it has dropped it.
///
/// SAFETY: owns a reference to each object; used only with the GIL held, except for `end` and `counts`.
final class ObjectTable {
    private struct Kind: Hashable {
        let className: String
        /// Where the client's program has made the object.
        let place: String?
    }

    private struct Entry {
        let object: PythonReference
        let kind: Kind
        /// How often the client has been sent it, and has not dropped it.
        var count: Int
    }

    private struct SessionObjects {
        var entries: [UInt64: Entry] = [:]
        var numbers: [PythonReference: UInt64] = [:]
        /// Calls that may still keep objects.
        var callCount = 0
    }

    private var sessions: [UInt64: SessionObjects] = [:]
    private var lastNumber: UInt64 = 0
    /// Sessions that have ended, until their objects are dropped.
    private let ended = ConditionMutex<Set<UInt64>>([])
    /// How many objects there are, by session and kind, for people, who do not wait for the GIL.
    private let statistics = ConditionMutex<[UInt64: [Kind: Int]]>([:])

    // MARK: Calls

    /// A call begins whose result may have objects in it.
    func enter(_ session: UInt64) {
        sessions[session, default: SessionObjects()].callCount += 1
    }

    func leave(_ session: UInt64) {
        sessions[session]?.callCount -= 1
        guard let objects = sessions[session], objects.callCount == 0 else { return }
        if objects.entries.isEmpty { sessions[session] = nil }
        // The client has left meanwhile.
        if hasEnded(session) { for object in takeAll(of: session) { py.Py_DecRef(object) } }
    }

    /// Keeps an object for a client.
    ///
    /// - Parameter place: where the client's program makes the call, if it says so.
    /// - Returns: its number; nil if the client has left.
    func keep(
        _ borrowed: PythonReference, for session: UInt64, place: String?
    ) -> UInt64? {
        // First: that may run code which lets other threads in.
        let kind = Kind(className: typeName(of: borrowed), place: place)
        if let number = sessions[session]?.numbers[borrowed] {
            sessions[session]?.entries[number]?.count += 1
            return number
        }
        guard !hasEnded(session) else { return nil }
        lastNumber += 1
        py.Py_IncRef(borrowed)
        sessions[session, default: SessionObjects()].entries[lastNumber] =
            Entry(object: borrowed, kind: kind, count: 1)
        sessions[session]?.numbers[borrowed] = lastNumber
        statistics.withLock { $0[session, default: [:]][kind, default: 0] += 1 }
        return lastNumber
    }

    /// The object that a client knows by a number.
    func object(_ number: UInt64, of session: UInt64) -> PythonReference? {
        sessions[session]?.entries[number]?.object
    }

    // MARK: Dropping

    /// The client has dropped an object so many times.
    func drop(_ number: UInt64, count: Int, of session: UInt64) {
        guard let entry = sessions[session]?.entries[number] else { return }
        guard entry.count <= count else {
            sessions[session]?.entries[number]?.count -= count
            return
        }
        sessions[session]?.entries[number] = nil
        sessions[session]?.numbers[entry.object] = nil
        statistics.withLock { statistics in
            guard let left = statistics[session]?[entry.kind] else { return }
            statistics[session]?[entry.kind] = left > 1 ? left - 1 : nil
        }
        // Last: that may run code which uses the table.
        py.Py_DecRef(entry.object)
    }

    /// A session has ended: nothing more is kept for it. On any thread.
    func end(_ session: UInt64) { ended.withLock { _ = $0.insert(session) } }

    /// Forgets all objects of a session that has ended; if calls of it still run, when the last one has ended.
    ///
    /// - Returns: the objects, in the order in which they have been kept. The caller now owns them.
    func takeAll(of session: UInt64) -> [PythonReference] {
        guard sessions[session]?.callCount ?? 0 == 0 else { return [] }
        let objects = sessions.removeValue(forKey: session)
        statistics.withLock { $0[session] = nil }
        ended.withLock { _ = $0.remove(session) }
        return (objects?.entries ?? [:]).sorted { $0.key < $1.key }.map(\.value.object)
    }

    private func hasEnded(_ session: UInt64) -> Bool { ended.withLock { $0.contains(session) } }

    // MARK: Counting

    /// How many objects clients have, those of which there are most first. On any thread.
    func counts() -> [ObjectCount] {
        let counts = statistics.withLock { statistics in
            statistics.flatMap { session, kinds in
                kinds.map { kind, count in
                    ObjectCount(
                        session: session, className: kind.className, place: kind.place,
                        count: count)
                }
            }
        }
        return counts.sorted {
            ($1.count, $0.session, $0.className, $0.place ?? "")
                < ($0.count, $1.session, $1.className, $1.place ?? "")
        }
    }

    /// How many objects clients have of exactly this class.
    func count(of borrowedClass: PythonReference) -> Int {
        sessions.values.reduce(0) { count, objects in
            count + objects.entries.values.count { $0.object.isExactly(borrowedClass) }
        }
    }
}
