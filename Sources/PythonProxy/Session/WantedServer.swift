import ProxyTransport

/// Which server a proxy is for, before anything is looked up.
enum WantedServer: Sendable {
    /// The one that matches; it is started if need be.
    case matching(ProxyConfiguration, ProcessContext)
    /// The one that listens at an address, whatever it is; it is never started.
    case listening(at: String, tokenFile: String?, ProcessContext)

    /// Looks everything up that the user has left open. Blocks.
    func resolve(_ cancellation: CancellationFlag) throws -> ServerTarget {
        switch self {
        case .matching(let configuration, let context):
            return .matching(
                try ServerSpecification(configuration, context, cancellation: cancellation))
        case .listening(let address, let tokenFile, let context):
            let url = try ServerPlace.normalized(address, port: 1753, context)
            var place = try ServerPlace(normalizedURL: url, fingerprint: "", context)
            if let tokenFile { place.tokenPath = context.absolute(tokenFile) }
            return .running(place)
        }
    }

    var context: ProcessContext {
        switch self {
        case .matching(_, let context), .listening(_, _, let context): context
        }
    }

    var python: PythonEnvironment {
        switch self {
        case .matching(let configuration, _): configuration.python
        case .listening: .automatic
        }
    }

    /// Where what nobody listens to is shown; nil: nowhere.
    var display: OutputDisplay? {
        switch self {
        case .matching(let configuration, _):
            configuration.showsOutput ? configuration.display : nil
        case .listening: .standard
        }
    }
}
