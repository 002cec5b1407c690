import Foundation
import ProxyTransport
import Testing

@testable import PythonProxy

/// The tool `pyproxy` as a user runs it.
@Suite(.timeLimit(.minutes(10)))
struct CommandLineTests {
    private func run(
        _ workspace: Workspace, _ arguments: [String]
    ) async throws -> ShortProcess.Result {
        let program = workspace.context.programDirectory + "/pyproxy"
        return try await Task.detached { [workspace] in
            try ShortProcess.run(
                program, arguments, variables: workspace.context.variables,
                directory: workspace.folder, milliseconds: 60_000)
        }.value
    }

    @Test(.needsPackages) func callPrintsJSONAndExitStatusSaysHowItWent() async throws {
        let module = """
            import sys
            def show(*args, **kwargs): return [list(args), kwargs]
            def talk(): print("talking"); return {"nan": float("nan"), 1: (True, None, 2.5)}
            def fail(): print("before"); raise ValueError("no good")
            """
        try await Workspace.with(try .any, modules: ["sample": module]) { workspace in
            let environment = try TestEnvironment.any.folder
            let common = ["--python", environment, "--path", workspace.folder + "/python"]
            func call(_ arguments: String...) async throws -> ShortProcess.Result {
                try await run(workspace, ["call"] + arguments + common)
            }
            let show = try await call(
                "sample.show", "1", "text", "[1, {\"a\": null}]", "12345678901234567890123",
                "--kw", "k=2.5", "--kw", "s=a=b")
            #expect(
                show.output == """
                    [[1, "text", [1, {"a": null}], 12345678901234567890123], {"k": 2.5, "s": "a=b"}]

                    """)
            #expect(show.ending == .exit(status: 0))

            let talk = try await call("sample.talk")
            #expect(talk.output == "{\"nan\": NaN, \"1\": [true, null, 2.5]}\n")
            #expect(talk.error == "talking\n")

            let fail = try await call("sample.fail")
            #expect(fail.ending == .exit(status: 1))
            #expect(fail.output.isEmpty)
            #expect(fail.error.hasPrefix("before\nTraceback"))
            #expect(fail.error.hasSuffix("ValueError: no good\n"))

            let file = workspace.folder + "/arguments.json"
            try "[1, [2]]".write(toFile: file, atomically: true, encoding: .utf8)
            let fromFile = try await call("sample.show", "0", "--args-json", file)
            #expect(fromFile.output == "[[0, 1, [2]], {}]\n")
            try "{\"a\": 1}".write(toFile: file, atomically: true, encoding: .utf8)
            #expect(
                try await call("sample.show", "--args-json", file).output == "[[], {\"a\": 1}]\n")

            #expect(try await call("numpy.arange", "3").output == "[0, 1, 2]\n")
            // All of it, however long it is.
            #expect(try await call("numpy.ones", "200000").output.utf8.count == 1_000_001)
            let late = try await call("time.sleep", "60", "--timeout", "0.2")
            #expect(late.ending == .exit(status: 2))
            #expect(try await call("nothing.at.all").ending == .exit(status: 2))
            #expect(try await call("sample.show", "--kw", "x").ending == .exit(status: 64))
            let left = try FileManager.default.contentsOfDirectory(atPath: workspace.folder)
            #expect(!left.contains { $0.hasSuffix(".sock") })
        }
    }

    @Test func doctorShowsWhatWasChosenAndWhy() async throws {
        try await Workspace.with(try .any) { workspace in
            let folder = try TestEnvironment.any.folder
            let good = try await run(workspace, ["doctor", "--python", folder])
            #expect(good.ending == .exit(status: 0), "\(good.output)\(good.error)")
            for word in [
                "chosen", "libpython", "sys.prefix  \(folder)", "numpy", "GIL", "All is well",
            ] {
                #expect(good.output.contains(word), "\(word)")
            }
            let bad = try await run(workspace, ["doctor", "--python", "/bin/ls"])
            #expect(bad.ending == .exit(status: 1))
            #expect(bad.output.contains("Problem: /bin/ls is not a Python interpreter"))
        }
    }

    /// A running server with a call in it, and what `pyproxy` says to some arguments.
    private func withBusyServer(
        _ body: (Workspace, Proxy, Task<PythonValue, any Error>) async throws -> Void
    ) async throws {
        let module = """
            import time
            def inner(): print("started", flush=True); time.sleep(3600)
            def outer(): inner()
            def one(): return 1
            """
        try await Workspace.with(try .any, modules: ["sample": module]) { workspace in
            let proxy = try await workspace.proxy("sample")
            let output = proxy.server.output
            let call = Task { try await proxy.outer() as PythonValue }
            for await chunk in output where chunk.text.contains("started") { break }
            try await body(workspace, proxy, call)
            await proxy.stopServer()
        }
    }

    @Test func listShowsServersAndTheStackOfTheirCalls() async throws {
        try await withBusyServer { workspace, proxy, call in
            let process = try #require(proxy.server.processIdentifier)
            let list = try await run(workspace, ["list"])
            #expect(list.ending == .exit(status: 0))
            for text in [
                "\(process)  up", "1 call", "sample.outer", "        inner (", "        outer (",
                proxy.server.address, "/numpy-",
            ] {
                #expect(list.output.contains(text), "\(text) in \(list.output)")
            }
            // Not a terminal.
            #expect(!list.output.contains("\u{1B}"))
            let json = try await run(workspace, ["list", "--json"])
            let servers = try #require(
                try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
            #expect(servers.first?["process"] as? Int32 == process)
            let calls = servers.first?["calls"] as? [[String: Any]]
            #expect(calls?.first?["function"] as? String == "sample.outer")
            #expect((calls?.first?["stack"] as? [String])?.count == 2)
            call.cancel()
        }
    }

    @Test func listShowsTheObjectsOfClients() async throws {
        let modules = ["sample": ObjectTests.module]
        try await Workspace.with(try .any, modules: modules) { workspace in
            let sample = try await workspace.proxy("sample")
            let counters: [PythonObject] = try await sample.many(12)
            let list = try await run(workspace, ["list", "--objects"])
            #expect(list.output.contains("  12 sample.Counter\n"), "\(list.output)")
            #expect(!(try await run(workspace, ["list"])).output.contains("Counter"))
            let json = try await run(workspace, ["list", "--json"])
            let servers = try #require(
                try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
            let objects = try #require(servers.first?["objects"] as? [[String: Any]])
            #expect(objects.first?["class"] as? String == "sample.Counter")
            #expect(objects.first?["count"] as? Int == 12)
            withExtendedLifetime(counters) {}
            await sample.stopServer()
        }
    }

    @Test func interruptRaisesInTheCallAndTheServerGoesOn() async throws {
        try await withBusyServer { workspace, proxy, call in
            let wrong = try await run(workspace, ["interrupt", "--call", "99.99"])
            #expect(wrong.output == "interrupted 0 calls\n")
            let result = try await run(workspace, ["interrupt"])
            #expect(result.output == "interrupted 1 call\n")
            let error = await #expect(throws: PythonError.self) { try await call.value }
            #expect(error?.type == "KeyboardInterrupt")
            #expect(error?.traceback.map(\.function) == ["outer", "inner"])
            let one: Int = try await proxy.one()
            #expect(one == 1)
        }
    }

    @Test func stopAndRestartChooseTheServer() async throws {
        try await withBusyServer { workspace, proxy, call in
            call.cancel()
            let process = try #require(proxy.server.processIdentifier)
            let restarted = try await run(workspace, ["restart", "\(process)"])
            #expect(restarted.output.hasPrefix("restarted \(process) as "), "\(restarted)")
            #expect(!isAlive(process))
            let one: Int = try await proxy.one()
            #expect(one == 1)
            let other = try #require(proxy.server.processIdentifier)
            #expect(restarted.output.contains("as \(other) at \(proxy.server.address)"))
            #expect(try await run(workspace, ["stop", "1"]).ending == .exit(status: 2))
            try await workspace.withProxy(nil, { $0.port = 2 }) { second in
                #expect(try await run(workspace, ["stop"]).ending == .exit(status: 64))
                let stop = try await run(workspace, ["stop", proxy.server.address])
                #expect(stop.output == "stopped \(other)\n")
                try await second.server.ping()
                let last = try #require(second.server.processIdentifier)
                let all = try await run(workspace, ["stop", "--all"])
                #expect(
                    all.output == "stopped \(last)\n")
            }
            #expect(try await run(workspace, ["list"]).output == "no server runs\n")
        }
    }

    @Test func logsShowTheLogAndFollowWhatIsPrinted() async throws {
        try await withBusyServer { workspace, proxy, call in
            call.cancel()
            let logs = try await run(workspace, ["logs"])
            #expect(logs.output.contains("serving"))
            #expect(logs.output.contains("client 1 has connected: "))
            let output = try PipeReader()
            let follower = try ChildProcess.start(
                workspace.context.programDirectory + "/pyproxy", ["logs", "--follow"],
                variables: workspace.context.variables, directory: workspace.folder,
                descriptors: [0, output.writingEnd, 2])
            // Its first line comes when it has read the log; then it connects. It follows when it shows what
            // the server says about others that connect.
            let place = try proxy.place
            let follows = ConditionMutex(false)
            async let connecting: Void = waitUntil("the follower shows what comes") {
                try await ControlConnection(to: place).close()
                return follows.withLock { $0 }
            }
            try await waitUntil("the follower shows who connects") {
                try await NativeThread.run { output.firstLine().hasPrefix("[server]") }
            }
            follows.withLock { $0 = true }
            try await connecting
            let again = Task { try await proxy.outer() as PythonValue }
            try await waitUntil("the follower shows what is printed") {
                try await NativeThread.run { output.firstLine().contains("started") }
            }
            again.cancel()
            await proxy.stopServer()
            #expect(follower.waitForEnd() == .exit(status: 0))
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionIsThereForTheShell(shell: String) async throws {
        try await Workspace.with(try .any) { workspace in
            let script = try await run(workspace, ["--generate-completion-script", shell])
            #expect(script.output.contains("interrupt") && script.output.contains("expose"))
        }
    }

    @Test func aServerEndsWhenItsOwnerIsKilled() async throws {
        try await Workspace.with(try .any) { workspace in
            let output = try PipeReader()
            let owner = try ChildProcess.start(
                workspace.context.programDirectory + "/pyproxy",
                ["serve", "--python", try TestEnvironment.any.folder],
                variables: workspace.context.variables, directory: workspace.folder,
                descriptors: [0, 1, output.writingEnd])
            #expect(output.firstLine().contains("serving"))
            let servers = try await FoundServer.all(workspace.context)
            let server = try #require(servers.first)
            let watch = try await ControlConnection(to: server.place)
            owner.send(SIGKILL)
            #expect(owner.waitForEnd() == .signal(SIGKILL))
            try await watch.waitUntilEnded()
            let left = try await FoundServer.all(workspace.context)
            #expect(left.isEmpty)
        }
    }

    @Test func serveCanBeJoinedAndEndsWithASignal() async throws {
        try await Workspace.with(try .any) { workspace in
            let server = workspace.folder + "/serve.sock"
            let output = try PipeReader()
            let process = try ChildProcess.start(
                workspace.context.programDirectory + "/pyproxy",
                ["serve", "--python", try TestEnvironment.any.folder, "--url", "unix:" + server],
                variables: workspace.context.variables, directory: workspace.folder,
                descriptors: [0, 1, output.writingEnd])
            let line = output.firstLine()
            #expect(line.contains("serving"))
            try await workspace.withProxy(
                nil,
                {
                    $0.url = "unix:" + server
                    $0.path = []
                    $0.workingDirectory = workspace.folder
                }
            ) { proxy in
                #expect(line.contains("process \(proxy.server.processIdentifier ?? 0)"))
                #expect(!proxy.server.wasStarted)
            }
            process.send(SIGTERM)
            #expect(process.waitForEnd() == .exit(status: 0))
            #expect(!FileManager.default.fileExists(atPath: server))
        }
    }

    @Test func aReloadIsShownAndCanBeAskedFor() async throws {
        try await Workspace.with(try .any, modules: ["m": "def f(): return 1\n"]) { workspace in
            let output = try PipeReader()
            let process = try ChildProcess.start(
                workspace.context.programDirectory + "/pyproxy",
                [
                    "serve", "--verbose", "--python", try TestEnvironment.any.folder, "--path",
                    workspace.folder + "/python",
                ],
                variables: workspace.context.variables, directory: workspace.folder,
                descriptors: [0, 1, output.writingEnd])
            #expect(output.firstLine().contains("serving"))
            try await workspace.withProxy(
                "m", { $0.workingDirectory = workspace.folder }
            ) { m in
                #expect(!m.server.wasStarted)
                let file = workspace.folder + "/python/m.py"
                #expect(try await m.f() as Int == 1)
                try "def f(): return 2\n".write(toFile: file, atomically: true, encoding: .utf8)
                #expect(output.firstLine().contains("patched m ("))
                let report = try await run(workspace, ["reload"])
                #expect(report.output.contains("reloaded m ("))
                #expect(report.ending == .exit(status: 0))
                try "def f(:\n".write(toFile: file, atomically: true, encoding: .utf8)
                let broken = try await run(workspace, ["reload"])
                #expect(broken.output.contains("SyntaxError"))
                #expect(broken.ending == .exit(status: 1))
            }
            process.send(SIGTERM)
            #expect(process.waitForEnd() == .exit(status: 0))
        }
    }

    #if os(Linux)
        @Test func theClientNeverLoadsPython() async throws {
            try await Workspace.with(try .any) { workspace in
                try await workspace.withProxy { python in
                    func maps(_ process: String) throws -> String {
                        // Files in /proc have no length: they must be read to the end.
                        let file = try #require(
                            FileHandle(forReadingAtPath: "/proc/\(process)/maps"))
                        return String(
                            decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
                    }
                    let server = try #require(python.server.processIdentifier)
                    #expect(try maps(String(server)).contains("libpython"))
                    #expect(try !maps("self").contains("libpython"))
                }
            }
        }
    #endif
}
