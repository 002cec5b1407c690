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
        /// The number of the one that it is a copy of; 0: the session's own.
        let outer: UInt64
        /// So many calls run in it, or in copies of it.
        var callCount = 0
        /// One of them runs in itself.
        var isEntered = false
        /// The `__exit__` of the context manager that has been entered in it, until that is left.
        var exit: ContextExit?
        /// No more calls come: the last one that runs in it gives it up.
        var isRemoved = false
        /// How many of the changes for all sessions it has.
        var changeCount: Int

        var isOpen: Bool {
            switch exit {
            case .some: true
            case nil: false
            }
        }

        init(context: PythonReference, run: PythonReference, outer: UInt64, changeCount: Int) {
            self.context = context
            self.run = run
            self.outer = outer
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
    struct Place {
        let key: Key
        fileprivate let entry: Entry
        /// The `run` of a copy, which ends with the call. Owned. Nil: the context itself.
        fileprivate let runOfCopy: PythonReference?

        var run: PythonReference { runOfCopy ?? entry.run }

        /// Whose own context it is.
        var session: UInt64? { runOfCopy == nil && key.number == 0 ? key.session : nil }
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
    /// How many calls have left contexts of context managers.
    private let callsLeft = ConditionMutex(0)

    /// In nanoseconds. Clients send nothing that would need it.
    private static let patience: UInt64 = 1_000_000_000

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

    /// A session has ended: its own context is given up, those of context managers when these are left. On any thread.
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

    /// A call of a session begins. In the session's own context, if the one that it names has been given up.
    func enter(_ key: Key) throws(ConversionFailure) -> Place {
        if hasNews.load(ordering: .relaxed) { takeNews() }
        if let entry = entries[key] { return try enter(key, entry) }
        let own = Key(session: key.session)
        if let entry = entries[own] { return try enter(own, entry) }
        return try add(own, copyOf: nil)
    }

    /// A call begins that enters a context manager.
    ///
    /// - Parameters:
    ///   - key: of the new context.
    ///   - outer: of the one that it is a copy of; 0: the session's own.
    func open(_ key: Key, within outer: UInt64) throws(ConversionFailure) -> Place {
        if hasNews.load(ordering: .relaxed) { takeNews() }
        guard key.number != 0, entries[key] == nil else {
            throw .malformed(.malformed("a context manager wants a context of its own", offset: 0))
        }
        let outer = Key(session: key.session, number: outer)
        return try add(key, copyOf: entries[outer] == nil ? Key(session: key.session) : outer)
    }

    private func enter(_ key: Key, _ entry: Entry) throws(ConversionFailure) -> Place {
        // Before other threads may be let in, which then do not give it up.
        entry.callCount += 1
        let isFree = !entry.isEntered
        do throws(ConversionFailure) {
            guard isFree else {
                let context = try copy(of: entry.context)
                let run = try Self.run(of: context.pointer).release()
                return Place(key: key, entry: entry, runOfCopy: run)
            }
            entry.isEntered = true
            if key.number == 0 {
                entry.changeCount = try bringUpToDate(entry.context, from: entry.changeCount)
            }
            return Place(key: key, entry: entry, runOfCopy: nil)
        } catch {
            if isFree { entry.isEntered = false }
            ended(in: entry)
            throw error
        }
    }

    /// - Parameter count: of the changes that the context has.
    /// - Returns: how many it has then.
    private func bringUpToDate(
        _ borrowedContext: PythonReference, from count: Int
    ) throws(ConversionFailure) -> Int {
        let all = changeCount
        guard count < all else { return count }
        let number = try owning(py.PyLong_FromLongLong(Int64(count)))
        _ = try call(update, borrowedContext, number.pointer)
        return all
    }

    /// The call has ended.
    func leave(_ place: Place) {
        if let run = place.runOfCopy { py.Py_DecRef(run) } else { place.entry.isEntered = false }
        ended(in: place.entry)
        if place.key.number != 0 { callsLeft.signal { $0 &+= 1 } }
    }

    /// Waits until no call runs in a context itself: one that has been answered may still be freeing its values.
    ///
    /// - Parameter thread: the current one.
    func waitUntilFree(_ key: Key, on thread: PythonThreadState) {
        let deadline = AdaptiveSpin.now + Self.patience
        while entries[key]?.isEntered == true, AdaptiveSpin.now < deadline {
            waitForCall(until: deadline, on: thread)
        }
    }

    /// Waits until a call has left the context of a context manager.
    ///
    /// - Parameters:
    ///   - deadline: on the clock of `AdaptiveSpin.now`, in nanoseconds.
    ///   - thread: the current one, which holds the GIL; not while it waits.
    func waitForCall(until deadline: UInt64, on thread: PythonThreadState) {
        let (now, count) = (AdaptiveSpin.now, callsLeft.withLock { $0 })
        guard now < deadline else { return }
        thread.withoutGIL {
            _ = callsLeft.wait(milliseconds: Int((deadline - now) / 1_000_000) + 1) {
                $0 == count ? nil : ()
            }
        }
    }

    private func ended(in entry: Entry) {
        entry.callCount -= 1
        release(entry)
    }

    /// No more calls come to the context of a context manager.
    func remove(_ key: Key) {
        guard key.number != 0, let entry = entries.removeValue(forKey: key) else { return }
        entry.isRemoved = true
        release(entry)
    }

    /// Gives up a context that has been removed, if no call runs in it any more.
    private func release(_ entry: Entry) {
        guard entry.isRemoved, entry.callCount == 0 else { return }
        py.Py_DecRef(entry.run)
        py.Py_DecRef(entry.context)
    }

    // MARK: Context managers

    /// Whether a context manager has been entered in a context, and not been left.
    func isOpen(_ key: Key) -> Bool { entries[key]?.isOpen == true }

    /// A context manager has been entered.
    func opened(_ exit: consuming ContextExit, in key: Key) {
        entries[key]?.exit = .some(consume exit)
    }

    /// For leaving the context manager of a context. Nil if it has not been entered.
    func takeExit(of key: Key) -> ContextExit? { entries[key]?.exit.take() }

    /// Whether calls run in contexts of context managers.
    var hasCallsInManagers: Bool {
        entries.contains { $0.key.number != 0 && $0.value.callCount > 0 }
    }

    /// The sessions that have contexts of context managers.
    var sessionsWithManagers: Set<UInt64> {
        Set(entries.keys.lazy.filter { $0.number != 0 }.map(\.session))
    }

    /// The context of the context manager that a session has entered last and that can be left: no call runs in it, and
    /// those within have been left.
    ///
    /// - Parameter isLast: also one that calls run in, but none that is still being entered.
    func lastOpened(by session: UInt64, isLast: Bool) -> Key? {
        let opened = entries.filter { key, entry in
            key.session == session && key.number != 0 && (!isLast || entry.isOpen)
        }
        let outer = Set(opened.values.map(\.outer))
        return opened.filter {
            (isLast || $0.value.callCount == 0) && !outer.contains($0.key.number)
        }
        .keys.max { $0.number < $1.number }
    }

    private func copy(of context: PythonReference) throws(ConversionFailure) -> OwnedReference {
        // Unless decimal has been imported, whose state the context's own copy would share.
        let hasDecimals = py.PyDict_GetItemWithError(modules, decimalName) != nil
        if hasDecimals { return try call(copyIndependently, context) }
        let method = try owning(py.PyObject_GetAttr(context, copyName))
        return try call(method.pointer)
    }

    private func add(_ key: Key, copyOf outer: Key?) throws(ConversionFailure) -> Place {
        var count = changeCount
        let context: OwnedReference
        if let original = outer.flatMap({ entries[$0] }) {
            let before = original.changeCount
            let kept = OwnedReference(borrowing: original.context)
            context = try copy(of: kept.pointer)
            // Before anything is entered in it, which later changes must not undo.
            count = try bringUpToDate(context.pointer, from: before)
        } else {
            context = try call(make)
        }
        let run = try Self.run(of: context.pointer)
        // Another thread may have been let in.
        if let entry = entries[key] { return try enter(key, entry) }
        let entry = Entry(
            context: context.release(), run: run.release(), outer: outer?.number ?? 0,
            changeCount: count)
        entries[key] = entry
        entry.callCount = 1
        entry.isEntered = true
        return Place(key: key, entry: entry, runOfCopy: nil)
    }

    private func takeNews() {
        hasNews.store(false, ordering: .relaxed)
        let sessions = left.withLock { left in
            defer { left = [] }
            return left
        }
        for session in sessions {
            guard let entry = entries.removeValue(forKey: Key(session: session)) else { continue }
            entry.isRemoved = true
            release(entry)
        }
    }

    private static func run(
        of context: PythonReference
    ) throws(ConversionFailure) -> OwnedReference {
        try owning(py.PyObject_GetAttrString(context, "run"))
    }
}
