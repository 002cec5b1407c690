/// A segment of the peer's for as long as something here uses it. The peer gets it back when the last
/// reference is gone.
package protocol Loan: AnyObject, Sendable {
    /// The memory, which may be written to.
    var bytes: UnsafeMutableRawBufferPointer { get }

    /// Whoever uses the memory in place, while that exists: all who want the same bytes share it.
    func user(orMake make: () -> AnyObject) -> AnyObject
}

/// The segments that one frame refers to, by their position in it.
package final class LoanTable: Sendable {
    package let loans: [any Loan]

    package init(_ loans: [any Loan]) {
        self.loans = loans
    }

    /// How much memory they are together.
    package var byteCount: Int { loans.reduce(0) { $0 + $1.bytes.count } }
}
