/// The objects of one result, which stay on the server.
///
/// SAFETY: used only with the GIL held.
final class ResultObjects {
    private let table: ObjectTable
    private let session: UInt64
    /// Where the client's program makes the call, if it says so.
    private let place: String?
    /// In the order in which they have been written.
    private(set) var numbers: [UInt64] = []

    init(_ table: ObjectTable, session: UInt64, place: String?) {
        self.table = table
        self.session = session
        self.place = place
    }

    /// - Returns: the number of the object; nil if the client has left.
    func keep(_ borrowed: PythonReference) -> UInt64? {
        guard let number = table.keep(borrowed, for: session, place: place)
        else { return nil }
        numbers.append(number)
        return number
    }

    /// Takes back what has been written after the first `count` objects.
    func takeBack(to count: Int) {
        while numbers.count > count { table.drop(.init(numbers.removeLast()), of: session) }
    }
}
