import CPythonABI

/// The names of keyword arguments as interned str objects: where a function compares names, it compares
/// addresses first.
///
/// Interned strings live for ever on CPython 3.12, so that no more than some are made; those beyond work as well,
/// a little slower.
///
/// SAFETY: owns its references for as long as the process lives; used only with the GIL held.
final class KeywordNames {
    private static let capacity = 2048
    private static let longestName = 128

    private var names: [String: PythonReference] = [:]

    func string(_ name: String) throws(ConversionFailure) -> OwnedReference {
        if let known = names[name] { return OwnedReference(borrowing: known) }
        let made = try newString(name)
        guard names.count < Self.capacity, name.utf8.count <= Self.longestName else { return made }
        var interned: PythonReference? = made.release()
        py.PyUnicode_InternInPlace(&interned)
        // Never nil: it is the object that was passed, or the one that is interned already.
        let reference = interned.unsafelyUnwrapped
        names[name] = reference
        return OwnedReference(borrowing: reference)
    }
}
