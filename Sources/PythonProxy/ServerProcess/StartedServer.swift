import ProxyTransport

/// A server that this process has started.
final class StartedServer: Sendable {
    let process: ChildProcess
    /// The server ends when this is closed, be it because this process has died.
    private let lifeline: Descriptor?

    init(process: ChildProcess, lifeline: consuming Descriptor?) {
        self.process = process
        self.lifeline = lifeline
    }
}
