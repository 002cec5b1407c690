import CPythonABI

/// Where the function or attribute of a call is found: in which object, under which name.
///
/// The attribute itself is looked up anew for every call, so that a module whose contents change
/// (monkeypatching, reloading) is seen as it is.
struct Target: ~Copyable {
    let parent: OwnedReference
    let name: OwnedReference

    func value() throws(ConversionFailure) -> OwnedReference {
        try owning(py.PyObject_GetAttr(parent.pointer, name.pointer))
    }

    /// - Parameter borrowedValue: nil: the attribute is deleted.
    func assign(_ borrowedValue: PythonReference?) throws(ConversionFailure) {
        try checking(py.PyObject_SetAttr(parent.pointer, name.pointer, borrowedValue))
    }
}

/// Remembers what the targets of calls stand for.
///
/// SAFETY: owns its references; used only with the GIL held. No access to `entries` spans a call into
/// Python, during which the GIL may change hands.
final class TargetCache {
    private struct Entry {
        let parent: PythonReference
        let name: PythonReference
    }

    private var entries: [String: Entry] = [:]
    private let resolve: PythonReference
    /// A client cannot make the server remember more than this many names, nor very long ones.
    private static let capacity = 4096
    private static let longestName = 1024

    /// - Parameter resolve: `Targets.resolve` of the Python runtime. Taken over.
    init(resolve: PythonReference) {
        self.resolve = resolve
    }

    /// - Parameter isAssigned: whether it is to get another value.
    func target(
        _ text: String, isAssigned: Bool = false
    ) throws(ConversionFailure) -> Target {
        if let entry = entries[text] {
            return Target(
                parent: OwnedReference(borrowing: entry.parent),
                name: OwnedReference(borrowing: entry.name))
        }
        let string = try newString(text)
        let steps = try call(
            resolve, string.pointer, isAssigned ? py._Py_TrueStruct : py._Py_FalseStruct)
        let found = try perform(steps: steps)
        // (parent, name, whether the parent may be remembered)
        let parent = try borrowing(py.PyTuple_GetItem(found.pointer, 0))
        let name = try borrowing(py.PyTuple_GetItem(found.pointer, 1))
        if try borrowing(py.PyTuple_GetItem(found.pointer, 2)) == py._Py_TrueStruct {
            remember(Entry(parent: parent, name: name), as: text)
        }
        return Target(
            parent: OwnedReference(borrowing: parent), name: OwnedReference(borrowing: name))
    }

    private func remember(_ entry: Entry, as text: String) {
        guard text.utf8.count <= Self.longestName else { return }
        if entries.count >= Self.capacity { forgetAll() }
        guard entries[text] == nil else { return }
        py.Py_IncRef(entry.parent)
        py.Py_IncRef(entry.name)
        entries[text] = entry
    }

    func forgetAll() {
        let forgotten = entries.values
        entries = [:]
        for entry in forgotten {
            py.Py_DecRef(entry.parent)
            py.Py_DecRef(entry.name)
        }
    }
}
