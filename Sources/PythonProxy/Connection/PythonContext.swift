import ProxyTransport
import Synchronization

/// A context of Python (PEP 567) that calls run in: that of a context manager that has been entered.
final class PythonContext: Sendable {
    private let link: ObjectIdentifier
    let number: UInt64
    /// The one that it is a copy of; nil: the session's own.
    let outer: PythonContext?
    private let state = ConditionMutex(State())

    private struct State {
        var isLeft = false
        /// Those within, which must be left before.
        var inner: [Task<Void, any Error>] = []
    }

    /// Those that the task is in, the innermost last.
    @TaskLocal static var entered: [PythonContext] = []

    private static let lastNumber = Atomic<UInt64>(0)

    /// A new one, which the server makes when a context manager is entered in it: a copy of the innermost one that the
    /// task is in.
    ///
    /// - Parameter link: the session's.
    init(on link: AnyObject) {
        self.link = ObjectIdentifier(link)
        outer = Self.innermost(of: link)
        number = Self.lastNumber.add(1, ordering: .relaxed).newValue
    }

    /// That of the innermost context manager that the task is in; nil if it is in none. Those that have been left do not
    /// count: tasks can outlive the block that has started them.
    static func innermost(of link: AnyObject) -> PythonContext? {
        let entered = entered
        if entered.isEmpty { return nil }
        let link = ObjectIdentifier(link)
        return entered.last { $0.link == link && !$0.isLeft }
    }

    private var isLeft: Bool { state.withLock { $0.isLeft } }

    /// No more calls are made in it.
    func leave() { state.withLock { $0.isLeft = true } }

    /// One within is left by a task that nobody waits for.
    func isHeldUp(by leaving: Task<Void, any Error>) {
        state.withLock { $0.inner.append(leaving) }
    }

    /// Whether some within have not been left.
    var hasInner: Bool { state.withLock { !$0.inner.isEmpty } }

    /// Waits until those within have been left.
    func waitForInner() async {
        while let leaving = state.withLock({ $0.inner.popLast() }) { _ = await leaving.result }
    }
}
