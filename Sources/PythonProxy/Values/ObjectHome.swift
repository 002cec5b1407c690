/// The connection to a server that has objects.
protocol ObjectHome: Sendable {
    /// Tells connections apart. An object is known on one only.
    var identity: ObjectIdentifier { get }
    /// "server 4711".
    var name: String { get }
    /// Why the objects are no longer there; nil if they are.
    var lossReason: String? { get }

    /// Objects are no longer used, once of the times that each has been sent. On any thread; waits for nothing.
    func drop(_ numbers: [UInt64])
}
