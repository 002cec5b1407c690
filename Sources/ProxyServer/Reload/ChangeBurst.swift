import ProxyTransport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files that change one after the other, until nothing more seems to come: whoever saves one file may save
/// another, and switching branches writes hundreds.
struct ChangeBurst {
    private(set) var paths: Set<String> = []
    /// When to look whether it is over, on the clock of `AdaptiveSpin.now`.
    private(set) var deadline: UInt64
    private let start: UInt64

    /// A burst is over when nothing has changed for this time,
    private static let settling: UInt64 = 25_000_000
    /// or for this time if someone has written to a file and not closed it,
    private static let writing: UInt64 = 250_000_000
    /// but not later than this after it has begun,
    private static let longest: UInt64 = 500_000_000
    /// or than this if git is at work: it holds a lock until all files are as they shall be.
    private static let longestOfGit: UInt64 = 5_000_000_000

    init(at now: UInt64) {
        start = now
        deadline = now + Self.settling
    }

    mutating func add(_ paths: Set<String>, isIncomplete: Bool, at now: UInt64) {
        self.paths.formUnion(paths)
        deadline = min(now + (isIncomplete ? Self.writing : Self.settling), start + Self.longest)
    }

    /// Whether the burst is over; if not, the deadline is a later one.
    mutating func isOver(at now: UInt64) -> Bool {
        guard deadline <= now else { return false }
        if now < start + Self.longestOfGit, paths.first.map(Self.isInHandsOfGit) == true {
            deadline = now + Self.settling
            return false
        }
        return true
    }

    /// Whether git is changing the working tree that a path is in. A lock that is older was left behind.
    private static func isInHandsOfGit(_ path: String) -> Bool {
        var folder = path[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            var status = stat()
            if stat("\(folder)/.git/index.lock", &status) == 0 {
                return time(nil) - status.modificationSeconds < longestOfGit / 1_000_000_000
            }
        }
        return false
    }
}

extension stat {
    fileprivate var modificationSeconds: Int {
        #if canImport(Darwin)
            st_mtimespec.tv_sec
        #else
            st_mtim.tv_sec
        #endif
    }
}
