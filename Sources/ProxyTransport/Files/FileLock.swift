#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An exclusive lock on a file, held until the value goes away, and the file with it. The system releases
/// the lock if the process dies.
package struct FileLock: ~Copyable {
    private let descriptor: Descriptor
    private let path: String

    /// Blocks until the lock is free.
    package init(path: String) throws(SystemError) {
        while true {
            let file = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
            let number = file.number
            guard retryingInterruptions({ flock(number, LOCK_EX) }) != nil else {
                throw SystemError("locking \(path)")
            }
            // Whoever held the lock before has removed the file: others may lock a new one already.
            guard Self.isSame(number, path) else { continue }
            descriptor = file
            self.path = path
            return
        }
    }

    deinit { unlink(path) }

    /// Who inherits the descriptor holds the lock as well.
    package var number: Int32 { descriptor.number }

    private static func isSame(_ number: Int32, _ path: String) -> Bool {
        var (mine, current) = (stat(), stat())
        return fstat(number, &mine) == 0 && lstat(path, &current) == 0
            && mine.st_ino == current.st_ino && mine.st_dev == current.st_dev
    }
}
