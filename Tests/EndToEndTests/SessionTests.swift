import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// Proxies that share a connection, that connect late, and what they know of their server.
@Suite(.timeLimit(.minutes(10)))
struct SessionTests {
    static let module = """
        import logging, time
        def one(): return 1
        def speak(): print("spoken", flush=True)
        def warn(): logging.warning("careful")
        def wait(): time.sleep(3600)
        """

    private func with(_ body: (Workspace) async throws -> Void) async throws {
        try await Workspace.with(
            try .any, modules: ["sample": Self.module, "raises": "raise KeyError('at import')"],
            body)
    }

    // MARK: Proxy(_:on:)

    @Test func proxiesOfASessionShareServerAndConnection() async throws {
        try await with { workspace in
            try await workspace.withProxy("math") { math in
                let sample = try await Proxy("sample", on: math)
                #expect(sample.package == "sample" && math.package == "math")
                #expect(try await sample.one() as Int == 1)
                #expect(try await math.sqrt(4) as Double == 2)
                #expect(sample.server.processIdentifier == math.server.processIdentifier)
                let status = try await sample.server.status()
                #expect(status.otherClients.isEmpty)
            }
        }
    }

    @Test func aSessionEndsForAllOfItsProxies() async throws {
        try await with { workspace in
            let math = try await workspace.proxy("math")
            let sample = try await Proxy("sample", on: math)
            await sample.disconnect()
            await #expect(throws: ProxyError.self) { try await math.sqrt(4) }
            try await math.startServer()
            #expect(try await sample.one() as Int == 1)
            await math.stopServer()
        }
    }

    @Test func aPackageThatCannotBeImportedLeavesTheSessionAsItIs() async throws {
        try await with { workspace in
            try await workspace.withProxy("math") { math in
                await #expect(throws: PythonError.self) { _ = try await Proxy("raises", on: math) }
                await #expect(throws: ProxyError.self) { _ = try await Proxy("nowhere", on: math) }
                let root: Double = try await math.sqrt(4)
                #expect(root == 2)
            }
        }
    }

    // MARK: Proxy.lazy

    @Test func aLazyProxyConnectsWithItsFirstCall() async throws {
        try await with { workspace in
            var configuration = workspace.configuration
            configuration.package = "sample"
            let sample = Proxy.lazy(configuration, context: workspace.context)
            #expect(sample.server.address == "" && sample.server.processIdentifier == nil)
            #expect(sample.server.environment == configuration.python)
            #expect(try await FoundServer.all(workspace.context).isEmpty)
            // A thousand first calls start one server.
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<1000 { group.addTask { try await sample.one() } }
                let sum = try await group.reduce(0, +)
                #expect(sum == 1000)
            }
            #expect(sample.server.address.hasPrefix("unix:"))
            #expect(try await FoundServer.all(workspace.context).count == 1)
            await sample.stopServer()
        }
    }

    static let failures: [(name: String, change: @Sendable (inout ProxyConfiguration) -> Void)] = [
        ("no environment", { $0.python = "/nowhere" }),
        ("no package", { $0.package = "nowhere" }),
        ("a package that raises", { $0.package = "raises" }),
        ("no folder", { $0.path = ["/nowhere"] }),
        ("no server program", { $0.url = "tcp://example.org" }),
    ]

    @Test(arguments: failures.map(\.name))
    func aLazyProxyThrowsWhatTheInitialiserWould(failure: String) async throws {
        try await with { workspace in
            let change = try #require(Self.failures.first { $0.name == failure }?.change)
            var configuration = workspace.configuration
            configuration.package = "sample"
            change(&configuration)
            func message(_ body: () async throws -> Void) async -> String {
                do { try await body() } catch let error as PythonError {
                    return "\(error.type): \(error.message)"
                } catch {
                    return "\(error)"
                }
                return "nothing was thrown"
            }
            let (final, context) = (configuration, workspace.context)
            let expected = await message {
                _ = try await Proxy(final, context: context)
            }
            let lazy = Proxy.lazy(final, context: context)
            for _ in 0..<2 {
                let thrown = await message { try await lazy.one() }
                #expect(thrown == expected)
            }
            #expect(expected != "nothing was thrown")
            await lazy.stopServer()
        }
    }

    // MARK: path

    @Test func foldersAreSearchedInTheirOrderAndTellServersApart() async throws {
        try await with { workspace in
            let folders = ["second", "first"].map { workspace.folder + "/python/" + $0 }
            for folder in folders {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: false)
                try "here = \"\(folder)\"\n".write(
                    toFile: folder + "/place.py", atomically: true, encoding: .utf8)
            }
            for path in [folders, folders.reversed()] {
                try await workspace.withProxy("place", { $0.path = path }) { place in
                    #expect(try await place.here.get() as String == path[0])
                    let sys = try await Proxy("sys", on: place)
                    let all: [String] = try await sys.path.get()
                    #expect(Array(all.prefix(2)) == path)
                }
            }
            let (one, other) = (
                try await workspace.proxy("place") { $0.path = folders },
                try await workspace.proxy("place") { $0.path = folders.reversed() }
            )
            #expect(one.server.processIdentifier != other.server.processIdentifier)
            await one.stopServer()
            await other.stopServer()
        }
    }

    @Test func aPathIsAFolderAURLOrAList() {
        let (folder, url) = ("a", URL(fileURLWithPath: "/b"))
        let optional: String? = "c"
        #expect(ProxyConfiguration(path: folder).path == ["a"])
        #expect(ProxyConfiguration(path: url).path == ["/b"])
        #expect(ProxyConfiguration(path: optional).path == ["c"])
        #expect(ProxyConfiguration(path: ["d", "e"]).path == ["d", "e"])
        #expect(ProxyConfiguration(path: nil).path == [])
    }

    // MARK: proxy.server

    @Test func theServerTellsWhatItIsAndDoes() async throws {
        try await with { workspace in
            try await workspace.withProxy(nil, { $0.service = "sample" }) { proxy in
                let waiting = Task { try await proxy.wait() }
                try await proxy.waitUntilRunning(1)
                let other = try await workspace.proxy(nil) {
                    $0.service = "sample"
                    $0.isScoped = true
                }
                try await proxy.server.ping()
                let status = try await proxy.server.status()
                #expect(status.processIdentifier == proxy.server.processIdentifier)
                #expect(status.pythonVersion.hasPrefix("3."))
                #expect(status.memory > 1 << 20)
                #expect(status.duration > .zero)
                #expect(status.calls.map(\.function) == ["wait"])
                #expect(status.calls.first?.stack.first?.contains("wait") == true)
                #expect(status.otherClients.count == 1)
                #expect(status.otherClients.first?.name.contains("(\(getpid()))") == true)
                await other.disconnect()
                #expect(proxy.server.service == "sample")
                #expect("\(proxy.server.environment)".hasSuffix("/bin/python"))
                waiting.cancel()
                await #expect(throws: CancellationError.self) { try await waiting.value }
            }
        }
    }

    // MARK: Streams

    /// What ends the streams of a proxy.
    enum End: CaseIterable { case disconnect, scope, lastProxy }

    @Test(arguments: End.allCases)
    func streamsEndAndTheirReadersKeepNothingAlive(end: End) async throws {
        try await with { workspace in
            let keeper = try await workspace.proxy("math")
            let readers = ConditionMutex<[Task<Void, Never>]>([])
            @Sendable func read(_ proxy: Proxy) async throws {
                let (output, reloads) = (proxy.server.output, proxy.server.reloads)
                let records = try await proxy.server.logs()
                readers.withLock {
                    $0 += [
                        Task { for await _ in output {} }, Task { for await _ in reloads {} },
                        Task { for await _ in records {} },
                    ]
                }
                let other = try await Proxy("math", on: proxy)
                #expect(try await other.sqrt(4) as Double == 2)
            }
            weak var released: Proxy?
            switch end {
            case .disconnect:
                let proxy = try await workspace.proxy("sample")
                try await read(proxy)
                await proxy.disconnect()
            case .scope: try await workspace.withProxy("sample") { try await read($0) }
            case .lastProxy:
                let proxy = try await workspace.proxy("sample")
                released = proxy
                try await read(proxy)
            }
            for reader in readers.withLock({ $0 }) { await reader.value }
            #expect(released == nil)
            try await waitUntil("the server has no other client") {
                try await keeper.server.status().otherClients.isEmpty
            }
            await keeper.stopServer()
        }
    }

    // MARK: Environment variables

    @Test func variablesThatPythonReadsTellServersApart() async throws {
        try await with { original in
            var workspace = original
            let folder = workspace.folder + "/python/elsewhere"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false)
            try "here = 1\n".write(
                toFile: folder + "/placed.py", atomically: true, encoding: .utf8)
            let first = try await workspace.proxy("os") { $0.environment = ["FOO": "2"] }
            let foo: String = try await first.environ.get("FOO")
            #expect(foo == "2")
            // The server that is there already has another search path.
            workspace.context.variables["PYTHONPATH"] = folder
            let second = try await workspace.proxy("placed")
            #expect(try await second.here.get() as Int == 1)
            #expect(first.server.processIdentifier != second.server.processIdentifier)
            // What no Python reads makes no difference.
            workspace.context.variables["PYPROXY_TEST_OTHER"] = "1"
            let third = try await workspace.proxy("placed")
            #expect(third.server.processIdentifier == second.server.processIdentifier)
            let found = try await FoundServer.all(workspace.context)
            let one = try #require(
                found.first { $0.processIdentifier == first.server.processIdentifier })
            let other = try #require(
                found.first { $0.processIdentifier == second.server.processIdentifier })
            #expect(one.difference(from: other) == ["FOO", "PYTHONPATH"])
            #expect(one.difference(from: one) == nil)
            await first.stopServer()
            await second.stopServer()
        }
    }

    @Test func aServerThatIsRestartedKeepsItsVariables() async throws {
        try await with { workspace in
            let proxy = try await workspace.proxy("os") {
                $0.environment = ["FOO": "2", "LANG": "C.UTF-8"]
            }
            let found = try #require(try await FoundServer.all(workspace.context).first)
            let (configuration, context) = try #require(found.configuration(workspace.context))
            #expect(try await found.stop())
            let again = try await Proxy(configuration, context: context)
            let foo: String = try await again["os.environ.get"]("FOO")
            #expect(foo == "2")
            // The proxy finds the new server, which is what it has meant.
            let process: Int32 = try await proxy.getpid()
            #expect(process == again.server.processIdentifier)
            await proxy.stopServer()
        }
    }
}
