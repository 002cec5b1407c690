import ProxyWire

/// Numbers for sessions.
///
/// The number of a call has room for so many bits of its session's only: they begin again after that.
struct SessionNumbers {
    private var last: UInt64

    init(after last: UInt64 = 0) { self.last = last }

    /// A number that no session has.
    mutating func next(except taken: some Collection<UInt64>) -> UInt64 {
        repeat { last = last % CallKey.lastSession + 1 } while taken.contains(last)
        return last
    }
}
