#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What `print` has written.
enum StandardOutput {
    /// Writes what is still in the buffer, and says so if that fails, as on a full disk.
    ///
    /// - Returns: whether all has been written.
    static func finish() -> Bool {
        guard fflush(nil) != 0 else { return true }
        complain("pyproxy: standard output cannot be written: \(String(cString: strerror(errno)))")
        return false
    }
}
