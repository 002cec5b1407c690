import Foundation
import ProxyTransport
import ProxyWire

/// Ending the server, and finding out why a connection has ended.
extension Connection {
    /// Asks the server to end, and makes it: first kindly, then with signals. Blocks.
    func stopServer() {
        channel.send(FrameBuffer().seal(kind: .shutdown, callID: 0))
        let waits = [(4000, SIGTERM), (2000, SIGKILL), (2000, SIGKILL)]
        for (milliseconds, signal) in waits {
            if hasEnded(within: milliseconds) { return }
            if let started {
                started.process.send(signal)
            } else if let peer = PeerProcess(of: channel.number),
                peer.identifier == welcome.processIdentifier
            {
                peer.send(signal)
            }
        }
    }

    private func hasEnded(within milliseconds: Int) -> Bool {
        guard closed.wait(milliseconds: milliseconds, for: { $0 ? () : nil }) != nil else {
            return false
        }
        return started == nil || started?.process.waitForEnd(milliseconds: milliseconds) != nil
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
            return crash(tail)
        }
    }

    private func crash(_ tail: String) -> ProxyError {
        // The end of the stream and the end of the process are almost one event.
        let ending = started?.process.waitForEnd(milliseconds: 500)
        let logText: String
        switch log {
        case .some(let file): logText = ServerTraces.lastLines(of: file)
        case nil: logText = ""
        }
        var signal = ServerTraces.epitaph(in: logText)
        var lines = [tail, logText]
        switch ending {
        case .signal(let number): signal = number
        case .exit(let status): lines.append("[the process ended with exit status \(status)]")
        case .unknown, nil: break
        }
        if signal == SIGKILL {
            lines.append(
                "[SIGKILL comes from outside: from someone, or from the system when memory is short]"
            )
        }
        let text = lines.filter { !$0.isEmpty }.joined(separator: "\n")
        return .serverCrashed(signal: signal, lastOutput: ServerTraces.lastLines(of: text, 120))
    }
}
