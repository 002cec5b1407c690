/// A connection with the link that it belongs to: where the objects of a result are.
struct LinkedConnection: ObjectHome {
    /// Kept: an object can be used when its proxy is gone.
    let link: ServerLink
    let connection: Connection

    var identity: ObjectIdentifier { ObjectIdentifier(connection) }
    var name: String { "server \(connection.welcome.processIdentifier)" }

    var lossReason: String? {
        if let error = connection.state.withLock({ $0.calls.closingError }) { return "\(error)" }
        return link.hasReplaced(connection) ? "the proxy has connected to a server anew since" : nil
    }

    func drop(_ numbers: [UInt64]) { connection.drop(numbers) }
}
