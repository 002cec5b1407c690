import Foundation
import ProxyTransport

/// What a server that has crashed has left: how it ended, what it printed last, and its log.
struct CrashReport {
    /// The signal that killed the server, if one did.
    let signal: Int32?
    let lastOutput: String

    /// - Parameter printed: the end of what the server printed.
    init(of connection: Connection, printed: String) {
        // The end of the stream and the end of the process are almost one event.
        let ending = connection.started?.waitForEnd(milliseconds: 500)
        let logText: String
        switch connection.log {
        case .some(let file): logText = LogTail.text(of: file, omitsClients: true)
        case nil: logText = ""
        }
        var signal = LogTail.signal(in: logText)
        var lines = [printed, logText]
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
        self.signal = signal
        lastOutput = lines.filter { !$0.isEmpty }.joined(separator: "\n").lastLines(120)
    }

    var error: ProxyError { .serverCrashed(signal: signal, lastOutput: lastOutput) }
}
