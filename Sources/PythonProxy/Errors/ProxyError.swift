/// A failure other than an exception in Python: one case for each remedy.
///
/// An exception is a ``PythonError``; a cancelled task throws `CancellationError`.
public enum ProxyError: Error, Sendable, Equatable {
    /// There is no server to talk to: it could not be started, was stopped, or refused the connection.
    case serverUnavailable(String)
    /// The server died while calls were waiting. What they did is not known; they are not repeated.
    ///
    /// - Parameters:
    ///   - signal: the signal that ended the process, if that is known.
    ///   - lastOutput: the last lines that the process wrote.
    case serverCrashed(signal: Int32?, lastOutput: String)
    /// A call took longer than was allowed.
    case timedOut(after: Duration)
    /// The environment cannot be used as it is.
    case environment(EnvironmentError)
    /// Parameters that cannot be, or not together.
    case invalidConfiguration(String)
    /// A value cannot be converted.
    case conversion(ConversionError)
    /// An object that stayed on a server is used, and the server, or the connection to it, has ended.
    case objectLost(String)
    /// There is no memory for an array that is to be shared.
    case outOfMemory(String)
    /// The server and this client do not understand each other.
    case protocolViolation(String)
}

extension ProxyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .serverUnavailable(let reason), .outOfMemory(let reason), .objectLost(let reason),
            .invalidConfiguration(let reason):
            reason
        case .serverCrashed(let signal, let lastOutput):
            "the server crashed" + (signal.map { " with signal \($0)" } ?? "")
                + " while the call was waiting; it is not known how far the call got, and the next "
                + "call starts a new server"
                + (lastOutput.isEmpty ? "" : "\nlast output of the server:\n\(lastOutput)")
        case .timedOut(let duration):
            "the call took longer than \(duration); give it more time with with(timeout:)"
        case .environment(let error): error.description
        case .conversion(let error): error.description
        case .protocolViolation(let what):
            "the server and this client do not understand each other: \(what); "
                + "build both from the same version"
        }
    }
}
