import ProxyTransport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a server does to its own process when it has to end. Tests, whose process is not the server's
/// alone, pass their own.
package struct ProcessControl: Sendable {
    /// Interrupts the Python code that the main thread is running.
    let interruptMainThread: @Sendable (pthread_t) -> Void
    /// Ends the process at once.
    let exit: @Sendable () -> Void

    package init(
        interruptMainThread: @escaping @Sendable (pthread_t) -> Void,
        exit: @escaping @Sendable () -> Void
    ) {
        self.interruptMainThread = interruptMainThread
        self.exit = exit
    }

    /// Python's handler of SIGINT raises KeyboardInterrupt on the main thread. The signal goes to that
    /// thread, so that a system call it waits in is interrupted.
    package static let process = ProcessControl(
        interruptMainThread: { _ = pthread_kill($0, SIGINT) }, exit: { _exit(0) })
}
