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
    private struct Entry {
        let object: PythonReference
        let kind: ObjectKind
        /// How often the client has been sent it, and has not dropped it.
        var count: Int
    }

    private final class SessionObjects {
        var entries: [UInt64: Entry] = [:]
        var numbers: [PythonReference: UInt64] = [:]
        /// Calls that may still keep objects.
        var callCount = 0
        var kinds: [ObjectKind.Name: ObjectKind] = [:]
    }

    private var sessions: [UInt64: SessionObjects] = [:]
    private var lastNumber: UInt64 = 0
    /// Sessions that have ended, until their objects are dropped.
    private let ended = ConditionMutex<Set<UInt64>>([])
    /// What objects there are, by session, for people, who do not wait for the GIL.
    private let kinds = ConditionMutex<[UInt64: [ObjectKind]]>([:])

    // MARK: Calls

    /// A call begins whose result may have objects in it.
    func enter(_ session: UInt64) { objects(of: session).callCount += 1 }

    func leave(_ session: UInt64) {
        guard let objects = sessions[session] else { return }
        objects.callCount -= 1
        // If the client has left meanwhile.
        if objects.callCount == 0 {
            for drop in dropsOfEnded(session) { self.drop(drop, of: session) }
        }
    }

    private func objects(of session: UInt64) -> SessionObjects {
        if let objects = sessions[session] { return objects }
        let objects = SessionObjects()
        sessions[session] = objects
        return objects
    }

    /// Keeps an object for a client.
    ///
    /// - Parameter place: where the client's program makes the call, if it says so.
    /// - Returns: its number; nil if the client has left.
    func keep(
        _ borrowed: PythonReference, for session: UInt64, place: String?
    ) -> UInt64? {
        // First: that may run code which lets other threads in.
        let name = ObjectKind.Name(className: typeName(of: borrowed), place: place)
        if let objects = sessions[session], let number = objects.numbers[borrowed] {
            objects.entries[number]?.count += 1
            return number
        }
        guard !hasEnded(session) else { return nil }
        let objects = objects(of: session)
        let kind = kind(name, of: session, objects)
        kind.add(1)
        lastNumber += 1
        py.Py_IncRef(borrowed)
        objects.entries[lastNumber] = Entry(object: borrowed, kind: kind, count: 1)
        objects.numbers[borrowed] = lastNumber
        return lastNumber
    }

    private func kind(
        _ name: ObjectKind.Name, of session: UInt64, _ objects: SessionObjects
    ) -> ObjectKind {
        if let kind = objects.kinds[name] { return kind }
        let kind = ObjectKind(name)
        objects.kinds[name] = kind
        kinds.withLock { $0[session, default: []].append(kind) }
        return kind
    }

    /// The object that a client knows by a number.
    func object(_ number: UInt64, of session: UInt64) -> PythonReference? {
        sessions[session]?.entries[number]?.object
    }

    // MARK: Dropping

    /// The client has dropped an object so many times.
    func drop(_ drop: ObjectDrops.Drop, of session: UInt64) {
        guard let objects = sessions[session], let entry = objects.entries[drop.number] else {
            return
        }
        guard entry.count <= drop.count else {
            objects.entries[drop.number]?.count -= drop.count
            return
        }
        objects.entries[drop.number] = nil
        objects.numbers[entry.object] = nil
        entry.kind.add(-1)
        if objects.entries.isEmpty { forget(session, objects) }
        // Last: that may run code which uses the table.
        py.Py_DecRef(entry.object)
    }

    /// A session has ended: nothing more is kept for it. On any thread.
    func end(_ session: UInt64) { ended.withLock { _ = $0.insert(session) } }

    /// What is to be dropped of a session that has ended, in the order in which it has been kept; nothing while calls
    /// of it still run, of which the last one drops all.
    func dropsOfEnded(_ session: UInt64) -> [ObjectDrops.Drop] {
        guard let objects = sessions[session], objects.callCount == 0, hasEnded(session) else {
            if sessions[session] == nil { ended.withLock { _ = $0.remove(session) } }
            return []
        }
        if objects.entries.isEmpty { forget(session, objects) }
        return objects.entries.keys.sorted().map { ObjectDrops.Drop($0, count: .max) }
    }

    /// Forgets a session that has no objects, if it has ended.
    private func forget(_ session: UInt64, _ objects: SessionObjects) {
        guard objects.callCount == 0, hasEnded(session) else { return }
        sessions[session] = nil
        kinds.withLock { $0[session] = nil }
        ended.withLock { _ = $0.remove(session) }
    }

    private func hasEnded(_ session: UInt64) -> Bool { ended.withLock { $0.contains(session) } }

    // MARK: Counting

    /// How many objects clients have, those of which there are most first. On any thread.
    func counts() -> [ObjectCount] {
        let kinds = kinds.withLock { $0 }
        let counts = kinds.flatMap { session, kinds in
            kinds.compactMap { kind in
                let count = kind.count
                return count > 0
                    ? ObjectCount(
                        session: session, className: kind.name.className, place: kind.name.place,
                        count: count) : nil
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
