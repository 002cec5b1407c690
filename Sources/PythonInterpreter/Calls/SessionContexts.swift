import CPythonABI
import ProxyTransport
import ProxyWire
import Synchronization

/// The contexts (PEP 567) of sessions, see `contexts.py`: what a call sets is there for the next one of its session.
///
/// SAFETY: owns its references; used only with the GIL held, except for `forget`.
final class SessionContexts {
    final class Entry {
        let context: PythonReference
        /// Its method `run`.
        let run: PythonReference
        /// A call is running in it.
        var isEntered = true
        /// How many of the changes for all sessions it has.
        var changeCount: Int

        init(context: PythonReference, run: PythonReference, changeCount: Int) {
            self.context = context
            self.run = run
            self.changeCount = changeCount
        }
    }

    /// A session's own context, or one that it has entered with a context manager.
    struct Key: Hashable {
        let session: UInt64
        /// 0: the session's own.
        var number: UInt64 = 0
    }

    /// What a call runs in.
    enum Place {
        case own(Key, Entry)
        /// A copy, which ends with the call. Owned.
        case copy(run: PythonReference)

        var run: PythonReference {
            switch self {
            case .own(_, let entry): entry.run
            case .copy(let run): run
            }
        }

        /// Whose own context it is.
        var session: UInt64? {
            if case .own(let key, _) = self, key.number == 0 { key.session } else { nil }
        }
    }

    private var entries: [Key: Entry] = [:]
    private let make: PythonReference
    private let copyIndependently: PythonReference
    private let update: PythonReference
    /// `sys.modules`, which lives as long as the interpreter.
    private let modules: PythonReference
    private let decimalName: PythonReference
    private let copyName: PythonReference
    /// How many changes there are that concern all sessions.
    private var changeCount = 0
    /// Sessions that have ended.
    private let left = ConditionMutex<[UInt64]>([])
    private let hasNews = Atomic(false)

    /// Takes over references to functions of `contexts.py`.
    init(
        make: PythonReference, copy: PythonReference, update: PythonReference
    ) throws(ConversionFailure) {
        self.make = make
        copyIndependently = copy
        self.update = update
        modules = try borrowing(py.PyImport_GetModuleDict())
        decimalName = try newString("decimal").release()
        copyName = try newString("copy").release()
    }

    /// A session has ended. On any thread.
    func forget(_ session: UInt64) {
        left.withLock { $0.append(session) }
        hasNews.store(true, ordering: .relaxed)
    }

    /// There are so many changes that concern all sessions.
    ///
    /// - Parameters:
    ///   - added: how many of them are new.
    ///   - session: whose context has them already.
    func changed(to count: Int, added: Int, by session: UInt64?) {
        changeCount = count
        guard let session, let entry = entries[Key(session: session)],
            entry.changeCount == count - added
        else { return }
        entry.changeCount = count
    }

    /// A call of a session begins.
    func enter(_ key: Key) throws(ConversionFailure) -> Place {
        if hasNews.load(ordering: .relaxed) { takeNews() }
        guard let entry = entries[key] else { return try add(key) }
        if entry.isEntered {
            let context = try copy(of: entry.context)
            return .copy(run: try Self.run(of: context.pointer).release())
        }
        if entry.changeCount < changeCount {
            let count = try owning(py.PyLong_FromLongLong(Int64(entry.changeCount)))
            entry.changeCount = changeCount
            _ = try call(update, entry.context, count.pointer)
            // That may have let another thread in.
            if entry.isEntered { return try enter(key) }
        }
        entry.isEntered = true
        return .own(key, entry)
    }

    /// The call has ended.
    func leave(_ place: Place) {
        switch place {
        case .own(_, let entry): entry.isEntered = false
        case .copy(let run): py.Py_DecRef(run)
        }
    }

    /// A context manager has been left: its context has no more calls.
    func remove(_ key: Key) {
        guard key.number != 0, let entry = entries.removeValue(forKey: key) else { return }
        py.Py_DecRef(entry.run)
        py.Py_DecRef(entry.context)
    }

    private func copy(of context: PythonReference) throws(ConversionFailure) -> OwnedReference {
        // Unless decimal has been imported, whose state the context's own copy would share.
        let hasDecimals = py.PyDict_GetItemWithError(modules, decimalName) != nil
        if hasDecimals { return try call(copyIndependently, context) }
        let method = try owning(py.PyObject_GetAttr(context, copyName))
        return try call(method.pointer)
    }

    private func add(_ key: Key) throws(ConversionFailure) -> Place {
        let count = changeCount
        let context: OwnedReference
        if key.number != 0, let own = entries[Key(session: key.session)] {
            context = try copy(of: own.context)
        } else {
            context = try call(make)
        }
        let run = try Self.run(of: context.pointer)
        if entries[key] != nil { return try enter(key) }
        let entry = Entry(context: context.release(), run: run.release(), changeCount: count)
        entries[key] = entry
        return .own(key, entry)
    }

    private func takeNews() {
        hasNews.store(false, ordering: .relaxed)
        let sessions = left.withLock { left in
            defer { left = [] }
            return left
        }
        for session in sessions {
            for (key, entry) in entries where key.session == session {
                // Its last call is being interrupted.
                if entry.isEntered {
                    forget(session)
                    continue
                }
                entries[key] = nil
                py.Py_DecRef(entry.run)
                py.Py_DecRef(entry.context)
            }
        }
    }

    private static func run(
        of context: PythonReference
    ) throws(ConversionFailure) -> OwnedReference {
        try owning(py.PyObject_GetAttrString(context, "run"))
    }
}
