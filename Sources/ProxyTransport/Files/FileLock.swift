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

    private init(_ number: Int32, path: String) {
        descriptor = Descriptor(owning: number)
        self.path = path
    }

    /// Blocks until the lock is free.
    package init(path: String) throws(SystemError) {
        self.init(try Self.lock(path), path: path)
    }

    /// Blocks until the lock is free, or nobody waits for it any more.
    ///
    /// - Throws: `SystemError`, `CancellationError`.
    package init(path: String, cancellation: CancellationFlag) throws {
        // Nothing wakes a thread that waits for a lock: another one waits in the place of this one.
        let waiting = ConditionMutex(Waiting())
        try NativeThread.start {
            let result = Result { try Self.lock(path) }
            let isWanted = waiting.signal { waiting in
                waiting.result = result
                return !waiting.isAbandoned
            }
            if !isWanted, case .success(let number) = result {
                _ = FileLock(number, path: path)
            }
        }
        do {
            let number = try cancellation.run(
                onCancel: { waiting.signal { if $0.result == nil { $0.isAbandoned = true } } },
                {
                    try waiting.wait { waiting -> Result<Int32, any Error>? in
                        waiting.isAbandoned ? .failure(CancellationError()) : waiting.result
                    }.get()
                })
            self.init(number, path: path)
        } catch {
            // It may have come just before.
            let late = waiting.withLock { $0.isAbandoned ? nil : $0.result }
            if case .success(let number) = late { _ = FileLock(number, path: path) }
            throw error
        }
    }

    private struct Waiting {
        var result: Result<Int32, any Error>?
        var isAbandoned = false
    }

    /// - Returns: a descriptor that holds the lock.
    private static func lock(_ path: String) throws(SystemError) -> Int32 {
        while true {
            let file = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
            let number = file.number
            guard retryingInterruptions({ flock(number, LOCK_EX) }) != nil else {
                throw SystemError("locking \(path)")
            }
            // Whoever held the lock before has removed the file: others may lock a new one already.
            if isSame(number, path) { return file.release() }
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
