import ProxyTransport

/// Which server a proxy is for, before anything is looked up.
enum WantedServer: Sendable {
    /// The one that matches; it is started if need be.
    case matching(ProxyConfiguration, Surroundings)
    /// The one that listens at an address, whatever it is; it is never started.
    case listening(at: String, tokenFile: String?, Surroundings)

    /// Looks everything up that the user has left open. Blocks.
    func resolve(_ cancellation: CancellationFlag) throws -> ServerTarget {
        switch self {
        case .matching(let configuration, let surroundings):
            return .matching(
                try ServerSpecification(configuration, surroundings, cancellation: cancellation))
        case .listening(let address, let tokenFile, let surroundings):
            let url = try ServerPlace.normalized(address, port: 1753, surroundings)
            var place = try ServerPlace(normalizedURL: url, fingerprint: "", surroundings)
            if let tokenFile { place.tokenPath = surroundings.absolute(tokenFile) }
            return .running(place)
        }
    }

    var python: PythonEnvironment {
        switch self {
        case .matching(let configuration, _): configuration.python
        case .listening: .automatic
        }
    }
}
