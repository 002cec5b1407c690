import ProxyWire

/// What the embedded Python code asks of the process that embeds it.
package protocol InterpreterHost: Sendable {
    /// A module to import at start, whose public functions answer to bare names.
    var service: String? { get }
    /// Folders to put on `sys.path`, in this order before the others.
    var path: [String] { get }
    /// The packages that clients may call; empty for all.
    var exposedPackages: [String] { get }
    /// Whether `sys.stdout` and `sys.stderr` lead to `write`.
    var captureOutput: Bool { get }
    /// Whether calls run on other threads than the main one, too.
    var hasWorkers: Bool { get }

    /// Whether changed files are taken over by themselves.
    var reloads: Bool { get }
    /// Patterns, as in Python's `glob`, of files beside the code whose change matters.
    var dataFilePatterns: [String] { get }

    /// Where Python's fault handler writes.
    var logDescriptor: Int32 { get }

    /// Serves until the server is to end. Called on the main thread, without the GIL.
    func serve(with interpreter: EmbeddedInterpreter, mainThread: PythonThreadState)
    /// Takes what Python code wrote to a stream. Called on any thread, with the GIL; waits for nothing.
    ///
    /// - Returns: what is to be done next with the bytes, without the GIL; nil for nothing.
    func write(
        _ bytes: UnsafeRawBufferPointer, to stream: Output.Stream, call: CallKey?
    ) -> ((UnsafeRawBufferPointer) -> Void)?
    /// Python code has flushed a stream. As `write`.
    func flush(_ stream: Output.Stream, call: CallKey?) -> (() -> Void)?
    /// Takes a record of Python's logging. Without the GIL.
    ///
    /// - Returns: whether anyone wants it.
    func log(_ record: LogRecord, call: CallKey) -> Bool
    /// The client of a call wants log records from this level on.
    func wantLogs(call: CallKey, level: UInt64)
    /// Changes in a folder matter from now on.
    ///
    /// - Parameter countsAllFiles: also those of files that are not Python's.
    func watch(_ path: String, countsAllFiles: Bool)
    /// The server cannot start, for this reason.
    func failed(_ message: String)
    /// The process ends next.
    func finished()
}
