import Synchronization

/// Objects of a class that stay for one client, and how many of them there are. On any thread.
final class ObjectKind: Sendable {
    struct Name: Hashable {
        let className: String
        /// Where the client's program has made them, if it says so.
        let place: String?
    }

    let name: Name
    private let number = Atomic(0)

    init(_ name: Name) { self.name = name }

    var count: Int { number.load(ordering: .relaxed) }

    func add(_ more: Int) { number.add(more, ordering: .relaxed) }
}
