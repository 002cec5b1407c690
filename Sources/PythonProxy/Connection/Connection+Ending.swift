import ProxyTransport
import ProxyWire

/// Ending the server, and finding out why a connection has ended.
extension Connection {
    /// Ends the server. Blocks.
    ///
    /// - Returns: false if it runs on all the same.
    @discardableResult
    func stopServer(_ patience: ServerStop.Patience = .usual) -> Bool {
        ServerStop(
            request: requestShutdown,
            signal: { [self] signal in
                if let started {
                    started.send(signal)
                } else if let peer = PeerProcess(of: channel.number),
                    peer.identifier == welcome.processIdentifier
                {
                    peer.send(signal)
                }
            },
            hasEnded: hasEnded
        ).run(patience)
    }

    private func hasEnded(within milliseconds: Int) -> Bool {
        guard closed.wait(milliseconds: milliseconds, for: { $0 ? () : nil }) != nil else {
            return false
        }
        return started == nil || started?.waitForEnd(milliseconds: milliseconds) != nil
    }

    /// Why the stream has ended.
    func reasonOfEnd(_ violation: (any Error)?) -> ProxyError {
        switch violation {
        case let error as WireError: return .protocolViolation("\(error)")
        case let error as ProxyError: return error
        case let error as SystemError where error.errno == .tooManyOpenFiles:
            return .serverUnavailable(
                "\(error); this process has too many open files: close some, or raise its limit")
        // The stream has ended in another way than usual; what that means is the same.
        case .some, nil: break
        }
        let (goodbye, isClosedByUser, tail) = state.withLock {
            ($0.goodbye, $0.isClosedByUser, $0.tail.text)
        }
        if isClosedByUser {
            return .serverUnavailable(
                "the connection was closed with disconnect(); startServer() opens it again")
        }
        switch goodbye?.reason {
        case .shutdown:
            return .serverUnavailable("the server was stopped; the next call starts a new one")
        case .outOfResources: return .serverUnavailable(goodbye?.message ?? "")
        case .protocolViolation, .version, .identity, .token, .other:
            return .protocolViolation(goodbye?.message ?? "")
        case nil:
            return CrashReport(of: self, printed: tail).error
        }
    }

}
