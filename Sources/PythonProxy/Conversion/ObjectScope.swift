/// The objects that stay on a server, in one value that is read.
///
/// SAFETY (`@unchecked Sendable`): each is made and used within one conversion, by one thread.
final class ObjectScope: @unchecked Sendable {
    /// Where a result comes from; nil for values that are here already.
    private let home: (any ObjectHome)?
    /// Objects in the result that nothing has been made of, as often as they stand there.
    private var unclaimed: [UInt64: Int] = [:]
    /// Those that something has been made of, which may be read again, and those of a value that is here already.
    private var existing: [UInt64: ObjectReference] = [:]

    init(home: (any ObjectHome)? = nil) {
        self.home = home
    }

    /// The objects of a result.
    func arrived(_ numbers: [UInt64]) {
        for number in numbers { unclaimed[number, default: 0] += 1 }
    }

    /// An object in a value that is written.
    func add(_ reference: ObjectReference) { existing[reference.number] = reference }

    /// The object of a number.
    func reference(_ number: UInt64, className: String) throws -> ObjectReference {
        if let reference = existing[number] { return reference }
        guard let home, let count = unclaimed[number], count > 0 else {
            throw ConversionError("an object that stays on a server has no meaning here")
        }
        unclaimed[number] = count - 1
        let reference = ObjectReference(number: number, className: className, home: home)
        existing[number] = reference
        return reference
    }

    /// Drops what nothing has been made of.
    func dropUnclaimed() {
        let numbers = unclaimed.flatMap { Array(repeating: $0.key, count: $0.value) }
        unclaimed = [:]
        if !numbers.isEmpty { home?.drop(numbers) }
    }
}
