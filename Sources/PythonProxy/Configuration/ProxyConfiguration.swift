import Logging

/// What a proxy is for: the package, the environment, and the server.
///
/// ```swift
/// var configuration = ProxyConfiguration("scipy.linalg", python: "path/to/venv")
/// configuration.path = ["Python", "Python/vendored"]
/// let linalg = try await Proxy(configuration)
/// ```
///
/// A proxy joins a running server if the two agree in everything that is said below to tell servers apart;
/// otherwise it starts one.
public struct ProxyConfiguration: Sendable {
    /// What the names of calls are relative to; nil: calls give the full dotted path, or a name of the service.
    public var package: String?
    /// The virtual environment or interpreter. Tells servers apart.
    public var python: PythonEnvironment
    /// Where the server listens: nil for a place of its own, "unix:/path/name.sock", or "tcp://127.0.0.1" for a
    /// TCP port of this machine. Tells servers apart.
    public var url: String?
    /// Tells servers apart that are otherwise the same; the TCP port with a tcp url.
    public var port: Int
    /// A Python module that is imported when the server starts and whose public functions answer to bare names.
    /// Tells servers apart.
    public var service: String?
    /// How long to wait for a server that starts, in units of 100 ms.
    public var maxConnectionAttempts: Int
    /// Whether modules of the project are reloaded when their files change, see <doc:Reloading>. Tells servers
    /// apart.
    public var autoreload: Bool
    /// Whether what is printed on the server is captured: what the calls of this client print is delivered on
    /// ``PythonServer/output``, or else shown, see ``showsOutput``. Otherwise all of it goes where the output of the
    /// program goes that has started the server, which is then private, see ``sharing``.
    public var captureOutput: Bool
    /// Whether what is captured appears in this program's own standard output and error while nobody reads
    /// ``PythonServer/output``. What belongs to no call is shown by the program that has started the server.
    public var showsOutput: Bool
    /// Folders to put on `sys.path`, in this order before the others. Tells servers apart.
    public var path: [String]
    /// The server's working directory; nil: the current one. It is on `sys.path`, too. Tells servers apart.
    public var workingDirectory: String?
    /// Environment variables of the server, on top of those of this process. Tells servers apart, and so do those
    /// variables of this process that Python or its packages read when they start: `PYTHON*`, `LD_*`, `TZ`, `LANG`,
    /// `LC_*`, `OMP_*`, `MKL_*`, `OPENBLAS_*` and `CUDA_VISIBLE_DEVICES`.
    public var environment: [String: String]
    /// Whether the server is for all clients that mean the same one, or for this one alone.
    public var sharing: ServerSharing
    /// How many calls the server runs at the same time; others wait, and clients take turns, see <doc:Servers>.
    /// 1: every call runs on the main thread of Python, one after the other, as in a script. Tells servers apart.
    public var maximumConcurrentCalls: Int
    /// The packages that clients of the server may call; empty for all. Tells servers apart.
    public var expose: [String]
    /// Files beside the code, as patterns like "data/**/*.json" relative to the working directory, of whose
    /// change modules are told, see <doc:Reloading>. Without effect without `autoreload`. Tells servers apart.
    public var dataFiles: [String]
    /// A server that a lasting proxy has used ends when it has had no client for this time; nil: never. Only the client that starts the
    /// server sets it.
    public var idleTimeout: Duration?
    /// Gets messages about the server, at level debug.
    public var logger: Logger
    /// How long running calls, and what Python does at its end, may hold up the end of the server; then it is
    /// killed with all that it has started. Only the client that starts the server sets it.
    public var gracePeriod: Duration
    /// Whether the server is needed for a scope only.
    package var isScoped = false
    /// Where output is shown.
    package var display = OutputDisplay.standard

    public init(
        _ package: String? = nil, python: PythonEnvironment = .automatic, url: String? = nil,
        port: Int = 1753, service: String? = nil, maxConnectionAttempts: Int = 100,
        autoreload: Bool = true, captureOutput: Bool = true, showsOutput: Bool = true,
        path: (any SearchPath)? = nil, workingDirectory: String? = nil,
        environment: [String: String] = [:], sharing: ServerSharing = .matching,
        maximumConcurrentCalls: Int = 256,
        expose: [String] = [], dataFiles: [String] = [],
        idleTimeout: Duration? = .seconds(3600), gracePeriod: Duration = .seconds(10),
        logger: Logger = Logger(label: "PythonProxy")
    ) {
        self.package = package
        self.python = python
        self.url = url
        self.port = port
        self.service = service
        self.maxConnectionAttempts = maxConnectionAttempts
        self.autoreload = autoreload
        self.captureOutput = captureOutput
        self.showsOutput = showsOutput
        self.path = path?.searchPath ?? []
        self.workingDirectory = workingDirectory
        self.environment = environment
        self.sharing = sharing
        self.maximumConcurrentCalls = maximumConcurrentCalls
        self.expose = expose
        self.dataFiles = dataFiles
        self.idleTimeout = idleTimeout
        self.gracePeriod = gracePeriod
        self.logger = logger
    }
}
