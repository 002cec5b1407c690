import ProxyWire

/// Which server a proxy is for.
enum ServerTarget: Sendable {
    /// The one that matches; it is started if need be.
    case matching(ServerSpecification)
    /// The one that listens here, whatever it is; it is never started.
    case running(ServerPlace)

    var place: ServerPlace {
        switch self {
        case .matching(let specification): specification.place
        case .running(let place): place
        }
    }

    var specification: ServerSpecification? {
        if case .matching(let specification) = self { specification } else { nil }
    }
}
