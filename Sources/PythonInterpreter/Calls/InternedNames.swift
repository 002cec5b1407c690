import CPythonABI

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The names of keyword arguments and attributes as interned str objects: where Python compares names, it compares
/// addresses first.
///
/// Interned strings live for ever on CPython 3.12, so that no more than some are made; those beyond work as well,
/// a little slower.
///
/// SAFETY: owns its references for as long as the process lives; used only with the GIL held.
final class InternedNames {
    private static let capacity = 2048
    private static let longestName = 128

    private var names: [String: PythonReference] = [:]
    /// Those used last, by a number made of a few of their bytes: most calls use the same few.
    private var recent = [(name: [UInt8], string: PythonReference)?](repeating: nil, count: 64)

    /// - Parameter utf8: the bytes of the name, which may not be valid UTF-8.
    func string(_ utf8: UnsafeRawBufferPointer) throws(ConversionFailure) -> OwnedReference {
        guard let first = utf8.first, let last = utf8.last else { return try newString("") }
        let slot = (Int(first) &* 7 &+ Int(last) &* 31 &+ utf8.count) % recent.count
        if let (name, string) = recent[slot], name.count == utf8.count,
            name.withUnsafeBytes({
                memcmp(
                    $0.baseAddress.unsafelyUnwrapped, utf8.baseAddress.unsafelyUnwrapped, utf8.count
                )
            }) == 0
        {
            return OwnedReference(borrowing: string)
        }
        guard let name = String(validating: utf8, as: UTF8.self) else {
            throw .malformed(.malformed("text that is not valid UTF-8", offset: 0))
        }
        let string = try string(name)
        // Only what is kept anyway.
        if names[name] != nil { recent[slot] = (Array(utf8), string.pointer) }
        return string
    }

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
