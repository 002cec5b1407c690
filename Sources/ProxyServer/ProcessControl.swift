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
    /// Ends the process at once.
    let exit: @Sendable () -> Void
    /// Ends the processes that this one has started, unless they have made themselves independent by a session
    /// of their own.
    let endChildren: @Sendable () -> Void
    /// Ends the process, and what it has started, with no regard to what they do.
    let kill: @Sendable () -> Void

    package init(
        exit: @escaping @Sendable () -> Void, endChildren: @escaping @Sendable () -> Void,
        kill: @escaping @Sendable () -> Void
    ) {
        self.exit = exit
        self.endChildren = endChildren
        self.kill = kill
    }

    package static let process = ProcessControl(
        exit: { _exit(0) },
        endChildren: {
            ProcessSession.endOthers(milliseconds: 500)
        },
        kill: {
            // The whole session, if it is this server's own.
            if getpgrp() == getpid() { _ = killProcess(0, SIGKILL) }
            _ = killProcess(getpid(), SIGKILL)
        })
}

private func killProcess(_ process: pid_t, _ signal: Int32) -> Int32 { kill(process, signal) }
