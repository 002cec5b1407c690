import CPlatform

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The processes that a server has started, unless they have made themselves independent by a session of their own.
///
/// The number of a session is not used for another process while the session has members.
package enum ProcessSession {
    struct Member {
        let process: Int32
        /// When it was started, in units of the system's.
        let start: UInt64
    }

    /// Kills what is left of the session that a process has led.
    ///
    /// - Parameter start: of that process: one that was started at another time leads another session.
    package static func killAll(ledBy process: Int32, startedAt start: UInt64) {
        if let current = startTime(of: process), current != start { return }
        for member in members(of: process) { signal(member, SIGKILL) }
    }

    /// Ends the other processes of this one's session, if it leads it: with SIGTERM, and those that do not end with
    /// SIGKILL. Blocks.
    ///
    /// - Parameter milliseconds: how long they may take.
    package static func endOthers(milliseconds: Int) {
        let own = getpid()
        guard getsid(0) == own else { return }
        let others = members(of: own).filter { $0.process != own }
        guard !others.isEmpty else { return }
        for member in others { signal(member, SIGTERM) }
        let numbers = others.map(\.process)
        cplatform_wait_for_ends(numbers, Int32(numbers.count), Int32(clamping: milliseconds))
        // Those that they have started meanwhile, too.
        for member in members(of: own) where member.process != own { signal(member, SIGKILL) }
    }

    /// Blocks until a process, of any parent, has ended, for so many milliseconds at most.
    package static func waitForEnd(of process: Int32, milliseconds: Int) {
        cplatform_wait_for_ends([process], 1, Int32(clamping: milliseconds))
    }

    private static func signal(_ member: Member, _ number: Int32) {
        guard startTime(of: member.process) == member.start else { return }
        _ = kill(member.process, number)
    }
}
