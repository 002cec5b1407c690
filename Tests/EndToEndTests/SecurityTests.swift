import Foundation
import ProxyTransport
import ProxyWire
import Testing

@testable import PythonProxy

/// The promises of SECURITY.md.
@Suite(.timeLimit(.minutes(10)))
struct SecurityTests {
    static let module = """
        from os import system, environ
        import os, math, threading
        from math import sqrt as exported_sqrt
        __all__ = ["public", "exported_sqrt"]
        LIMIT = 3
        lock = threading.Lock()
        def public(x): return x + 1
        def generator():
            yield 1
        running = generator()
        class Model:
            size = 4
            foreign = staticmethod(system)
            def run(self): return 1
        model = Model()
        def secrets(): return os.environ.get("PYPROXY_TEST_SECRET")
        def crash(): os.abort()
        """

    private func refusal(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "it was allowed"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: TestEnvironment.all)
    func aLimitedServerGivesAccessToTheExposedPackagesOnly(
        environment: TestEnvironment
    ) async throws {
        let modules = ["exposed": Self.module, "hidden": "def f(): return 1"]
        try await Workspace.with(environment, modules: modules) { workspace in
            try await workspace.withProxy(nil, { $0.expose = ["exposed"] }) { python in
                let two: Int = try await python.exposed.public(1)
                let three: Int = try await python.exposed.LIMIT.get()
                let root: Double = try await python.exposed.exported_sqrt(4)
                let one: Int = try await python.exposed.model.run()
                let four: Int = try await python.exposed.Model.size.get()
                #expect((two, three, root, one, four) == (2, 3, 2, 1, 4))
                let reload = await refusal { try await python.server.reload() }
                #expect(reload.contains("reload() is not exposed"))
                let refused = [
                    "os.system", "builtins.eval", "hidden.f", "exposed.os.system",
                    "exposed.system", "exposed.environ.clear", "exposed.math.sqrt",
                    "exposed.public.__globals__", "exposed.public.__globals__.get",
                    "exposed.model.__class__", "exposed.running.gi_frame.f_globals",
                    "exposed.__builtins__", "exposed.__dict__.get", "exposed._private",
                    "exposed.lock.acquire", "pyproxy_runtime.server.run", "sys.modules.get",
                    "exposed.threading.Thread", "exposed.Model.mro", "exposed.Model.foreign",
                ]
                for path in refused {
                    let text = await refusal { try await python[path]() }
                    #expect(text.contains("PermissionError"), "\(path): \(text)")
                    #expect(text.contains("limited to exposed"), "\(path): \(text)")
                }
                let assigning = await refusal { try await python.exposed.LIMIT.set(5) }
                #expect(assigning.contains("PermissionError"))
            }
            let error = await refusal {
                try await workspace.withProxy("hidden", { $0.expose = ["exposed"] }) { _ in }
            }
            #expect(error.contains("PermissionError"))
        }
    }

    @Test func aLimitedServerIsNotJoinedByThoseWhoMeanAnother() async throws {
        try await Workspace.with(try .any, modules: ["exposed": Self.module]) { workspace in
            let limited = try await workspace.proxy("exposed") { $0.expose = ["exposed"] }
            try await workspace.withProxy("exposed") {
                #expect($0.server.processIdentifier != limited.server.processIdentifier)
            }
            await limited.stopServer()
        }
    }

    @Test func aLimitedServerMakesNoInstancesOfOtherClasses() async throws {
        try await Workspace.with(try .any, modules: ["exposed": Self.module]) { workspace in
            try await workspace.withProxy("exposed", { $0.expose = ["exposed"] }) { exposed in
                let text = await refusal {
                    try await exposed.public(
                        PythonValue.of(
                            CompasData(dtype: "compas.geometry/Point", data: .list([]))))
                }
                #expect(text.contains("does not expose"), "\(text)")
            }
        }
    }

    @Test func secretsOfTheEnvironmentAreNotLogged() async throws {
        let secret = "s3cr3t-\(UUID().uuidString)"
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { original in
            var workspace = original
            workspace.context.variables["PYPROXY_TEST_SECRET"] = secret
            let proxy = try await workspace.proxy("sample")
            let seen: String = try await proxy.secrets()
            #expect(seen == secret)
            let place = try proxy.place
            let control = try await ControlConnection(to: place)
            #expect(!"\(try await control.status())".contains(secret))
            control.close()
            let log = try String(contentsOfFile: place.logPath, encoding: .utf8)
            #expect(log.contains("serving") && !log.contains(secret))
            let crash = await refusal { try await proxy.crash() }
            #expect(crash.contains("crashed") && !crash.contains(secret))
            await proxy.stopServer()
        }
    }

    /// What somebody else may have put where the folder of sockets is to be.
    static let traps: [(name: String, set: @Sendable (String) throws -> Void)] = [
        (
            "a symbolic link",
            {
                try FileManager.default.createSymbolicLink(
                    atPath: $0, withDestinationPath: "/tmp")
            }
        ),
        ("a file", { _ = FileManager.default.createFile(atPath: $0, contents: nil) }),
        (
            "a folder that others can enter",
            {
                try FileManager.default.createDirectory(
                    atPath: $0, withIntermediateDirectories: false,
                    attributes: [.posixPermissions: 0o777])
                chmod($0, 0o777)
            }
        ),
    ]

    @Test(arguments: traps.map(\.name))
    func aTrapInPlaceOfTheRuntimeDirectoryIsRefused(name: String) async throws {
        let trap = try #require(Self.traps.first { $0.name == name })
        try await Workspace.with(try .any) { original in
            var workspace = original
            let path = workspace.folder + "/trap"
            try trap.set(path)
            workspace.context.variables["PYPROXY_RUNTIME_DIR"] = path
            let text = await refusal { try await workspace.withProxy { _ in } }
            #expect(text.contains("only you can use"), "\(text)")
        }
    }

    @Test func aLogThatIsALinkIsNotWrittenThrough() async throws {
        try await Workspace.with(try .any) { workspace in
            let specification = try ServerSpecification(
                workspace.configuration, workspace.context)
            let victim = workspace.folder + "/victim"
            try "precious".write(toFile: victim, atomically: true, encoding: .utf8)
            try FileManager.default.createSymbolicLink(
                atPath: specification.place.logPath, withDestinationPath: victim)
            try await workspace.withProxy { try await $0.server.ping() }
            #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
        }
    }

    @Test func aFileThatIsNoSocketIsNotRemovedFromTheAddress() async throws {
        try await Workspace.with(try .any) { workspace in
            let path = workspace.folder + "/mine.sock"
            try "precious".write(toFile: path, atomically: true, encoding: .utf8)
            let text = await refusal {
                try await workspace.withProxy(nil, { $0.url = "unix:" + path }) { _ in }
            }
            #expect(text.contains("could not"), "\(text)")
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        }
    }

    @Test func socketAndFolderAreForTheirUserOnly() async throws {
        try await Workspace.with(try .any) { original in
            var workspace = original
            workspace.context.variables["PYPROXY_RUNTIME_DIR"] = workspace.folder + "/run"
            try await workspace.withProxy { proxy in
                var status = stat()
                stat(workspace.folder + "/run", &status)
                #expect(status.st_mode & 0o777 == 0o700)
                stat(String(proxy.server.address.dropFirst(5)), &status)
                #expect(status.st_mode & 0o777 == 0o600)
            }
        }
    }

    @Test(arguments: ["tcp://0.0.0.0", "tcp://192.168.1.5:80", "tcp://example.org", "tcp://"])
    func anAddressOfOtherMachinesIsRefusedWithTheWayToDoIt(url: String) async throws {
        try await Workspace.with(try .any) { workspace in
            let text = await refusal {
                try await workspace.withProxy(nil, { $0.url = url }) { _ in }
            }
            #expect(text.contains("ssh -L"), "\(text)")
        }
    }

    // MARK: TCP

    /// A port that nobody listens at.
    private func freePort() throws -> Int {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000...60_000)
            if (try? ServerAddress.loopback(LoopbackAddress(port: port)).listen()) != nil {
                return Int(port)
            }
        }
        throw ProxyError.serverUnavailable("no free port")
    }

    @Test(.needsPackages, arguments: TestEnvironment.bothWays)
    func aServerOnATCPPortWantsTheToken(environment: TestEnvironment) async throws {
        let port = try freePort()
        try await Workspace.with(environment, modules: ["sample": Self.module]) { workspace in
            let change: (inout ProxyConfiguration) -> Void = {
                $0.url = "tcp://127.0.0.1"
                $0.port = port
            }
            let proxy = try await workspace.proxy("sample", change)
            #expect(proxy.server.address == "tcp://127.0.0.1:\(port)")
            let two: Int = try await proxy.public(1)
            #expect(two == 2)
            let array: NDArray<Double> = try await proxy.public(
                NDArray(
                    shape: [100, 100],
                    (0..<10_000).map(Double.init)))
            #expect(array[99, 99] == 10_000)
            // Another proxy of the same user joins.
            let other = try await workspace.proxy("sample", change)
            #expect(other.server.processIdentifier == proxy.server.processIdentifier)
            // Whoever cannot read the token file does not get in.
            let token = workspace.folder + "/tcp-\(port).token"
            var status = stat()
            stat(token, &status)
            #expect(status.st_mode & 0o777 == 0o600)
            for claim in ["", "x", String(repeating: "0", count: 64)] {
                let channel = Channel(
                    try ServerAddress.loopback(LoopbackAddress(port: UInt16(port))).connect(),
                    payloadLimit: 1 << 16)
                channel.send(
                    Hello(client: "thief", identity: nil, limits: Limits(), token: claim).frame())
                let answer = try #require(try channel.receive())
                let closing = try answer.read(limits: Limits()) { try Closing(from: &$0) }
                #expect(closing.reason == .token)
                #expect(try channel.receive() == nil)
            }
            // A browser is no client.
            let browser = Channel(
                try ServerAddress.loopback(LoopbackAddress(port: UInt16(port))).connect(),
                payloadLimit: 1 << 16)
            let request = Array("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
            _ = request.withUnsafeBytes { write(browser.number, $0.baseAddress, $0.count) }
            let refusal = try #require(try browser.receive())
            #expect(refusal.kind == .refusal)
            let attached = try await Proxy(
                connectingTo: "tcp://127.0.0.1:\(port)", package: "sample", tokenFile: token,
                context: workspace.context)
            let three: Int = try await attached.public(2)
            #expect(three == 3)
            await proxy.stopServer()
            #expect(!FileManager.default.fileExists(atPath: token))
        }
    }

    @Test func whoeverTakesThePortOfADeadServerIsNotTrusted() async throws {
        let port = try freePort()
        try await Workspace.with(try .any, modules: ["sample": Self.module]) { workspace in
            let change: (inout ProxyConfiguration) -> Void = {
                $0.url = "tcp://127.0.0.1"
                $0.port = port
            }
            let proxy = try await workspace.proxy("sample", change)
            let process = try #require(proxy.server.processIdentifier)
            kill(process, SIGKILL)
            try await proxy.server.waitUntilDisconnected()
            let listener = try ServerAddress.loopback(LoopbackAddress(port: UInt16(port))).listen()
            let number = listener.number
            try NativeThread.start {
                while true {
                    let accepted = accept(number, nil, nil)
                    guard accepted >= 0 else { return }
                    let channel = Channel(Descriptor(owning: accepted), payloadLimit: 1 << 16)
                    guard (try? channel.receive()) != nil else { continue }
                    channel.send(
                        Welcome(processIdentifier: 1, pythonVersion: "3", limits: Limits()).frame())
                    _ = try? channel.receive()
                }
            }
            defer { shutdown(number, Int32(SHUT_RDWR)) }
            let path = workspace.folder + "/tcp-\(port).token"
            if !FileManager.default.fileExists(atPath: path) {
                let text =
                    String(repeating: "a", count: 64) + "\n" + String(repeating: "b", count: 64)
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            let text = await refusal { try await proxy.startServer() }
            #expect(text.contains("not trusted"), "\(text)")
            withExtendedLifetime(listener) {}
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
