#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An exclusive lock on a file, held until the value goes away. The system releases it if the process
/// dies.
package struct FileLock: ~Copyable {
    private let descriptor: Descriptor

    /// Blocks until the lock is free.
    package init(path: String) throws(SystemError) {
        let file = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        let number = file.number
        guard retryingInterruptions({ flock(number, LOCK_EX) }) != nil else {
            throw SystemError("locking \(path)")
        }
        descriptor = file
    }
}
