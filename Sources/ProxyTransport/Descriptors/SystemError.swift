import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A system call that failed: which one, on what, and why.
package struct SystemError: Error, Sendable, CustomStringConvertible {
    package let operation: String
    package let errno: Errno

    package init(_ operation: String, errno: Errno) {
        self.operation = operation
        self.errno = errno
    }

    /// The failure that the last system call of this thread left in `errno`.
    package init(_ operation: String) {
        self.init(operation, errno: .last)
    }

    package var description: String { "\(operation): \(errno)" }
}

extension Errno {
    /// The value of the C variable, which is read nowhere else.
    package static var last: Errno {
        #if canImport(Glibc)
            Errno(rawValue: Glibc.errno)
        #elseif canImport(Musl)
            Errno(rawValue: Musl.errno)
        #else
            Errno(rawValue: Darwin.errno)
        #endif
    }
}

/// Repeats a system call that a signal interrupted; nil stands for its failure.
@inline(__always)
package func retryingInterruptions<Number: BinaryInteger>(_ call: () -> Number) -> Number? {
    while true {
        let result = call()
        if result >= 0 { return result }
        if Errno.last != .interrupted { return nil }
    }
}
