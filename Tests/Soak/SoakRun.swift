import ArgumentParser
import Foundation
import ProxyTransport
import ProxyWire
import PythonProxy

/// Starts the clients, lets things go wrong, and counts.
struct SoakRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run for a time, and print the figures.")

    @Option(help: "How long.") var seconds = 20.0
    @Option(help: "How many client processes.") var clients = 4
    @Option(help: "How many programs use scopes of another server.") var scopes = 8
    @Option(help: "The environment, with numpy.") var python: String
    @Option(help: "A library for clients and servers in which the time of day jumps.")
    var clock: String?

    static let module = """
        import gc, os, resource, sys, threading, time, weakref
        import numpy  # Not when there are no descriptors: it cannot be imported twice.
        log = os.open(os.path.join(os.path.dirname(__file__), "executed"),
                      os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        def note(token): os.write(log, (token + "\\n").encode())
        def echo(token): note(token); return token
        def double(token, values): note(token); return token, values * 2
        def talk(token):
            note(token)
            for i in range(20): print(token, i)
            os.write(1, b"raw\\n")
            return token
        def fail(token): note(token); raise ValueError(token)
        def dawdle(token):
            note(token)
            time.sleep(0.01)
        def spin(token):
            note(token)
            end = time.monotonic() + 5
            while time.monotonic() < end: pass
        def nap(token): note(token); time.sleep(0.02); return token
        def fork(token):
            note(token)
            child = os.fork()
            if child == 0: return "a second server"
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            return token if status == 0 else f"a child ended with {status}"
        # Shared by all programs: one that is killed while it holds it must not hold up the others.
        shared_lock = threading.Lock()
        exhausting = threading.Lock()
        def exhaust(token):
            note(token)
            with exhausting:
                hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
                count = len(os.listdir("/proc/self/fd"))
                held = []
                resource.setrlimit(resource.RLIMIT_NOFILE, (count + 2, hard))
                try:
                    for _ in range(20): held.append(os.open("/dev/null", os.O_RDONLY))
                except OSError: time.sleep(0.05)
                finally:
                    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
                    for descriptor in held: os.close(descriptor)
            return token
        def big(): return bytes(1_000_000)
        alive_things = weakref.WeakSet()
        class Thing:
            def __init__(self, token):
                self.token = token
                alive_things.add(self)
            def __add__(self, other): return self.token + other
            def same(self, other): return self is other
        def thing(token): note(token); return Thing(token)
        def things(count): return {"things": [Thing(str(i)) for i in range(count)], "count": count}
        def alive(): gc.collect(); return len(alive_things)
        gate_lock = threading.Lock()
        open_gates = 0
        class Gate:
            def __enter__(self): self.move(1); return self
            def __exit__(self, *_): self.move(-1)
            def move(self, step):
                global open_gates
                with gate_lock: open_gates += step
        def gates(): return open_gates
        """

    func run() async throws {
        let folder = "/tmp/pyproxy-test-soak-\(getpid())"
        try FileManager.default.createDirectory(
            atPath: folder + "/python", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        chmod(folder, 0o700)
        try Self.module.write(
            toFile: folder + "/python/soak_module.py", atomically: true, encoding: .utf8)
        var context = ProcessContext.current
        context.variables["PYPROXY_RUNTIME_DIR"] = folder
        context.variables["PYTHONDONTWRITEBYTECODE"] = "1"
        if let clock { context.variables["LD_PRELOAD"] = clock }
        let herd = SoakHerd(
            folder: folder, python: python, seconds: seconds, clients: clients, context: context)
        for index in 0..<(clients + scopes) { try herd.start(index) }
        var chaos = SoakChaos(herd: herd, folder: folder, context: context)
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...400)))
            try await chaos.strike()
        }
        herd.waitForAll()
        var problems = try await Self.keptObjects(context)
        for server in try await FoundServer.all(context) {
            guard try await server.stop() else {
                throw SoakError(text: "a server does not stop")
            }
        }
        let report = try SoakReport(folder: folder, herd: herd, chaos: chaos)
        print(report.text)
        // A server that was told to end just now has some seconds for it.
        let deadline = ContinuousClock.now + .seconds(10)
        while !Self.leftovers(folder).isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        problems += report.problems + Self.leftovers(folder)
        for problem in problems { print("PROBLEM: \(problem)") }
        if !problems.isEmpty { throw ExitCode(1) }
    }

    /// Objects that servers keep although their clients have left.
    private static func keptObjects(_ context: ProcessContext) async throws -> [String] {
        var problems: [String] = []
        for server in try await FoundServer.all(context) where server.status != nil {
            let proxy = try await Proxy(
                connectingTo: "\(server.place.address)", package: "soak_module", tokenFile: nil,
                context: context)
            let deadline = ContinuousClock.now + .seconds(10)
            var (alive, counts) = (0, [PythonServer.Status.Objects]())
            repeat {
                alive = try await proxy.alive()
                counts = try await proxy.server.status().objects
            } while (alive > 0 || !counts.isEmpty) && ContinuousClock.now < deadline
            let gates: Int = try await proxy.gates()
            if gates > 0 { problems.append("\(gates) blocks of scripts have not been left") }
            if alive > 0 { problems.append("\(alive) objects of clients that have left are kept") }
            if !counts.isEmpty { problems.append("the server counts \(counts)") }
            await proxy.disconnect()
        }
        return problems
    }

    /// Processes and files that should be gone.
    private static func leftovers(_ folder: String) -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let expected: Set = ["python", "secret"]
        let unexpected = files.filter { !expected.contains($0) && !$0.hasPrefix("results-") }
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let servers = processes.filter { process in
            guard Int(process) != nil,
                let data = try? FileHandle(forReadingAtPath: "/proc/\(process)/cmdline")?
                    .readToEnd()
            else { return false }
            let text = String(decoding: data, as: UTF8.self)
            return text.contains(folder) && text.contains("pyproxy-server")
        }
        return unexpected.map { "the file \($0) is left" }
            + servers.map { "the server process \($0) is left" }
    }
}
