import ProxyWire

/// What the threads of the dispatcher do.
enum Work: Sendable {
    case call(QueuedCall)
    /// Take over changed files, by itself: see `Server+Reload`.
    case reload

    /// A reload is shown, and can be interrupted, like a call of a client that there is not.
    var key: CallKey {
        switch self {
        case .call(let call): call.key
        case .reload: CallKey(session: 0, call: 1)
        }
    }

    /// For people.
    var target: String {
        switch self {
        case .call(let call): call.target
        case .reload: "(reloading changed files)"
        }
    }

    func belongs(to session: Session) -> Bool {
        if case .call(let call) = self { call.session === session } else { false }
    }
}
