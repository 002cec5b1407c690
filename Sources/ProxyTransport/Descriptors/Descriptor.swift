import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An open file descriptor with one owner, closed exactly once.
package struct Descriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes over an open descriptor.
    package init(owning number: Int32) {
        self.number = number
    }

    deinit { _ = close(number) }

    /// Gives the number away; the caller closes it.
    package consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }

    /// A second descriptor for the same open file, numbered from `minimum` up and close-on-exec.
    package func duplicate(minimum: Int32 = 3) throws(SystemError) -> Descriptor {
        try Descriptor(duplicating: number, minimum: minimum)
    }

    package init(duplicating number: Int32, minimum: Int32 = 3) throws(SystemError) {
        let duplicate = cplatform_duplicate(number, minimum)
        guard duplicate >= 0 else { throw SystemError("duplicating descriptor \(number)") }
        self.init(owning: duplicate)
    }

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - flags: `O_RDONLY` and so on; close-on-exec is added.
    ///   - mode: the permissions of a new file.
    package init(opening path: String, flags: Int32, mode: mode_t = 0o600) throws(SystemError) {
        let number = cplatform_open(path, flags, mode)
        guard number >= 0 else { throw SystemError("opening \(path)") }
        self.init(owning: number)
    }
}
