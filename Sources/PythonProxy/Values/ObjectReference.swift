/// A reference to an object that stays on a server: for as long as it exists, the object does.
final class ObjectReference: Sendable {
    /// By which the server knows it. Never used again for another one.
    let number: UInt64
    let className: String
    let home: any ObjectHome

    init(number: UInt64, className: String, home: any ObjectHome) {
        self.number = number
        self.className = className
        self.home = home
    }

    deinit { home.drop([number]) }

    /// - Throws: `ProxyError.objectLost` if the connection to its server has ended.
    func checkIsThere() throws {
        guard let reason = home.lossReason else { return }
        throw ProxyError.objectLost(
            "\(self) is no longer there: \(reason); make the object again")
    }
}

extension ObjectReference: CustomStringConvertible {
    /// "<LinearRegression on server 4711>".
    var description: String {
        "<\(className.split(separator: ".").last ?? "object") on \(home.name)>"
    }
}
