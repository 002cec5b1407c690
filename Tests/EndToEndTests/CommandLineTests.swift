import Foundation
import Testing

@testable import PythonProxy

/// The tool `pyproxy` as a user runs it.
@Suite(.timeLimit(.minutes(10)))
struct CommandLineTests {
    private func run(
        _ workspace: Workspace, _ arguments: [String]
    ) async throws -> ShortProcess.Result {
        let program = workspace.surroundings.programDirectory + "/pyproxy"
        return try await Task.detached { [workspace] in
            try ShortProcess.run(
                program, arguments, variables: workspace.surroundings.variables,
                directory: workspace.folder, milliseconds: 60_000)
        }.value
    }

    @Test func callPrintsJSONAndExitStatusSaysHowItWent() async throws {
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

    @Test func serveCanBeJoinedAndEndsWithASignal() async throws {
        try await Workspace.with(try .any) { workspace in
            let server = workspace.folder + "/serve.sock"
            let output = try PipeReader()
            let process = try ChildProcess.start(
                workspace.surroundings.programDirectory + "/pyproxy",
                ["serve", "--python", try TestEnvironment.any.folder, "--url", "unix:" + server],
                variables: workspace.surroundings.variables, directory: workspace.folder,
                descriptors: [0, 1, output.writingEnd])
            let line = output.firstLine()
            #expect(line.contains("serving"))
            try await workspace.withProxy(
                nil,
                {
                    $0.url = "unix:" + server
                    $0.path = nil
                    $0.workingDirectory = workspace.folder
                }
            ) { proxy in
                #expect(line.contains("process \(proxy.processIdentifier ?? 0)"))
                #expect(!proxy.hasStartedServer)
            }
            process.send(SIGTERM)
            #expect(process.waitForEnd() == .exit(status: 0))
            #expect(!FileManager.default.fileExists(atPath: server))
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
                    let server = try #require(python.processIdentifier)
                    #expect(try maps(String(server)).contains("libpython"))
                    #expect(try !maps("self").contains("libpython"))
                }
            }
        }
    #endif
}

/// A pipe whose text is read line by line.
private final class PipeReader {
    private let pipe = Pipe()
    var writingEnd: Int32 { pipe.fileHandleForWriting.fileDescriptor }

    init() throws {}

    func firstLine() -> String {
        var bytes: [UInt8] = []
        while let byte = try? pipe.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
