import Synchronization

/// A context of Python (PEP 567) that calls run in: that of a context manager that has been entered.
struct PythonContext: Sendable {
    private let link: ObjectIdentifier
    let number: UInt64

    @TaskLocal static var entered: [PythonContext] = []

    private static let lastNumber = Atomic<UInt64>(0)

    /// A new one, which the server makes when the first call wants it.
    init(on link: ServerLink) {
        self.link = ObjectIdentifier(link)
        number = Self.lastNumber.add(1, ordering: .relaxed).newValue
    }

    /// That of the innermost context manager of a server; nil if the task is in none.
    static func current(of link: ServerLink) -> UInt64? {
        let entered = entered
        if entered.isEmpty { return nil }
        let link = ObjectIdentifier(link)
        return entered.last { $0.link == link }?.number
    }
}
