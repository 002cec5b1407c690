import ProxyWire

extension Rejection {
    /// What a user gets to know of it.
    func error(from target: ServerTarget?) -> any Error {
        switch reason {
        case .conversion: return ProxyError.conversion(ConversionError(message, place: place))
        case .packageNotInstalled:
            return ProxyError.environment(
                EnvironmentError(.packageNotInstalled, packageNotInstalled(on: target)))
        case .cancelled: return CancellationError()
        case .malformed: return ProxyError.protocolViolation(message)
        case .shutdown, .other: return ProxyError.serverUnavailable(message)
        }
    }

    private func packageNotInstalled(on target: ServerTarget?) -> String {
        let distribution = DistributionNames.distribution(of: message)
        guard let facts = target?.specification?.environment.facts else {
            return "there is no package \(message) in the environment of the server"
                + (target.map { " at \($0.place.address)" } ?? "")
                + "; install \(distribution == message ? "it" : distribution) there"
        }
        return "there is no package \(message) in the environment \(facts.prefix) "
            + "(Python \(facts.version)); install it with '\(facts.executable) -m pip "
            + "install \(distribution)', or, if it is a module of yours, name its folder with path:"
    }
}
