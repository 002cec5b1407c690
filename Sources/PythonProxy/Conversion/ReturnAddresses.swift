import CPlatform

/// Where the innermost functions that are running return to: taken in nanoseconds, and made lines of the program when
/// they are needed.
struct ReturnAddresses: Sendable {
    /// Between the program and here are some functions of this package, at most seven without optimization.
    private let found: cplatform_addresses

    static let none = ReturnAddresses(found: cplatform_addresses())

    /// Those of the function that calls this one.
    @inline(__always)
    static func ofCaller() -> ReturnAddresses {
        ReturnAddresses(found: cplatform_return_addresses())
    }

    /// Innermost first.
    var all: [UInt] {
        withUnsafeBytes(of: found) { $0.bindMemory(to: UInt.self).filter { $0 != 0 } }
    }
}
